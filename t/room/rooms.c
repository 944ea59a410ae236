/*
 * The list of rooms of build/io7-test. Its additional rooms let tests reach what
 * no route of the product shows: the body of a request, the tenant door, and a
 * handler that takes its time or dies.
 */
#include "fcgi/rooms.h"

#define ROOM(name) extern const struct room name##_room;
#include "t/room/rooms.list"
#undef ROOM

const struct room *const rooms[] = {
#define ROOM(name) &name##_room,
#include "t/room/rooms.list"
#undef ROOM
};

const size_t rooms_count = ARRAY_LEN(rooms);
