/*
 * admission: who is asking, and whether the account and its limits allow it.
 *
 * Not:    what a credential is worth: identity knows; nor counting: meter does.
 */
#ifndef IO7_FCGI_GATE_ADMISSION_H
#define IO7_FCGI_GATE_ADMISSION_H

#include "fcgi/http/req.h"

/*
 * Sets r->principal if the route needs an account. E_UNAUTHORIZED, E_FORBIDDEN:
 * the credential is not good enough. E_RATE_LIMITED, E_QUOTA_EXCEEDED: a limit
 * of the account is reached, or of the address if there is no account.
 */
enum err admission_check(struct req *) MUST_CHECK;

#endif
