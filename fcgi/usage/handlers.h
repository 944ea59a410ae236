/*
 * handlers: an account's usage and its recent errors, over HTTP.
 *
 * Limit:  the ledger is up to one second behind what workers have counted.
 */
#ifndef IO7_FCGI_USAGE_HANDLERS_H
#define IO7_FCGI_USAGE_HANDLERS_H

#include "fcgi/http/req.h"

enum err usage_get_today(struct req *);
enum err usage_get_history(struct req *);
enum err usage_get_errors(struct req *);

#endif
