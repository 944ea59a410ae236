/*
 * sign_in: signs a browser in with GitHub.
 *
 * Owns:   sign-ins in progress, and the user and session that result.
 * Not:    GitHub's protocol: see github.
 * Limit:  ten minutes between our redirect and GitHub's. A sign-in works once,
 *         and only in the browser that began it.
 */
#ifndef IO7_FCGI_SIGNIN_SIGN_IN_H
#define IO7_FCGI_SIGNIN_SIGN_IN_H

#include "fcgi/http/req.h"

/* The handlers: the redirect to GitHub, and GitHub's redirect back. */
enum err sign_in_begin(struct req *);
enum err sign_in_finish(struct req *);

#endif
