/*
 * sign_in: how a browser becomes signed in, by way of GitHub.
 *
 * Owns:   the sign-ins under way, and the user that comes of one.
 * Not:    GitHub's protocol; see github.
 * Limit:  ten minutes from our redirect to GitHub's; each is good for once, and
 *         in the browser that began it.
 */
#ifndef IO7_FCGI_SIGNIN_SIGN_IN_H
#define IO7_FCGI_SIGNIN_SIGN_IN_H

#include "fcgi/http/req.h"

/* The handlers: there, and back again. */
enum err sign_in_begin(struct req *);
enum err sign_in_finish(struct req *);

#endif
