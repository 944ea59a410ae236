/*
 * handlers: an account's profile, audit log, export and deletion, over HTTP.
 *
 * Not:    keys and sessions: those are rooms of their own.
 */
#ifndef IO7_FCGI_ACCOUNT_HANDLERS_H
#define IO7_FCGI_ACCOUNT_HANDLERS_H

#include "fcgi/http/req.h"

enum { ACCOUNT_TOKEN_MAX = 8192 }; /* bytes of a credential to check */

enum err account_post_validate(struct req *);
enum err account_get_me(struct req *);
enum err account_get_plans(struct req *);
enum err account_get_audit(struct req *);
enum err account_get_overview(struct req *);
enum err account_get_export(struct req *);
enum err account_delete_me(struct req *);

#endif
