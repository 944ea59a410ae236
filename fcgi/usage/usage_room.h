/*
 * usage_room: what an account used and what failed, for its developers.
 *
 * Owns:   the routes below /api/usage and the chores of metering.
 * Not:    the counting itself: that is meter's.
 * Limit:  the ledger is at most one second behind.
 */
#ifndef IO7_FCGI_USAGE_USAGE_ROOM_H
#define IO7_FCGI_USAGE_USAGE_ROOM_H

#include "fcgi/room.h"

extern const struct room usage_room;

#endif
