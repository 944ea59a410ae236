/*
 * admission: identifies the account of a request and checks its permissions and
 * limits.
 *
 * Not:    looking credentials up, which identity does; nor counting, which
 *         meter does.
 */
#ifndef IO7_FCGI_GATE_ADMISSION_H
#define IO7_FCGI_GATE_ADMISSION_H

#include "fcgi/http/req.h"

/*
 * Sets r->principal if the route needs an account. E_UNAUTHORIZED: there is no
 * valid credential. E_FORBIDDEN: it lacks a permission. E_RATE_LIMITED,
 * E_QUOTA_EXCEEDED: a limit of the account is reached, or of the address if
 * there is no account.
 */
enum err admission_check(struct req *) MUST_CHECK;

#endif
