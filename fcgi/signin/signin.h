/*
 * signin: people at their browsers and devices, coming in and leaving.
 *
 * Owns:   the routes of sign_in, session and device.
 * Not:    keys; nor tokens of another issuer.
 * Limit:  those of its nouns.
 */
#ifndef IO7_FCGI_SIGNIN_SIGNIN_H
#define IO7_FCGI_SIGNIN_SIGNIN_H

#include "fcgi/room.h"

extern const struct room signin_room;

#endif
