/*
 * device: how a program without a browser becomes signed in (RFC 8628).
 *
 * Owns:   the codes that devices and people hold, and their wording.
 * Not:    the page where a person types one; that is of the site.
 * Limit:  ten minutes for a code; one session for each.
 */
#ifndef IO7_FCGI_SIGNIN_DEVICE_H
#define IO7_FCGI_SIGNIN_DEVICE_H

#include "fcgi/http/req.h"

/* The handlers: for the device, then for the user who approves it. */
enum err device_metadata(struct req *);
enum err device_begin(struct req *);
enum err device_ask(struct req *);
enum err device_show(struct req *);
enum err device_answer(struct req *);

#endif
