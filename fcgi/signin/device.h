/*
 * device: signs in a program without a browser (RFC 8628).
 *
 * Owns:   device codes and user codes.
 * Not:    the page where the user types a code.
 * Limit:  a code is valid for ten minutes and for one session.
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
