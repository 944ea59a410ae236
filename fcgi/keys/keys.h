/*
 * keys: an account's API keys over HTTP.
 *
 * Owns:   who may do what to which key.
 * Not:    the keys themselves: account/key makes them.
 * Limit:  a key touches keys of its own mode only; a person all of the account.
 */
#ifndef IO7_FCGI_KEYS_KEYS_H
#define IO7_FCGI_KEYS_KEYS_H

#include "fcgi/room.h"

extern const struct room keys_room;

#endif
