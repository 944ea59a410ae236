/*
 * room: what only tests can ask of io7.
 *
 * Owns:   the routes below /t.
 * Not:    part of the program that is shipped.
 * Limit:  none.
 */
#ifndef IO7_T_ROOM_ROOM_H
#define IO7_T_ROOM_ROOM_H

#include "fcgi/room.h"

extern const struct room test_room;
extern const struct room limits_room;

#endif
