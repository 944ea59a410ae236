/*
 * rooms: the list of everything that io7 serves and does by itself.
 *
 * Owns:   the list; each room owns its own routes and chores.
 * Not:    their order: no room stands before another.
 * Limit:  BOARD_ROUTES routes in all.
 */
#ifndef IO7_FCGI_ROOMS_H
#define IO7_FCGI_ROOMS_H

#include "fcgi/room.h"

extern const struct room *const rooms[];
extern const size_t rooms_count;

#endif
