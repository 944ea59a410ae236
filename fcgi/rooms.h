/*
 * rooms: the list of rooms.
 *
 * Limit:  SCOREBOARD_ROUTES routes in all.
 */
#ifndef IO7_FCGI_ROOMS_H
#define IO7_FCGI_ROOMS_H

#include "fcgi/room.h"

extern const struct room *const rooms[];
extern const size_t rooms_count;

#endif
