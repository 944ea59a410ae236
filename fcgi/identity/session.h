/*
 * session: the list of a user's sessions.
 *
 * Not:    opening and ending sessions: signin does that.
 */
#ifndef IO7_FCGI_IDENTITY_SESSION_H
#define IO7_FCGI_IDENTITY_SESSION_H

#include "fcgi/db/list.h"

extern const struct list list_of_sessions;

#endif
