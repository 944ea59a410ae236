/*
 * The list of rooms, made from rooms.list.
 */
#include "fcgi/rooms.h"

#define ROOM(name) extern const struct room name##_room;
#include "fcgi/rooms.list"
#undef ROOM

const struct room *const rooms[] = {
#define ROOM(name) &name##_room,
#include "fcgi/rooms.list"
#undef ROOM
};

const size_t rooms_count = ARRAY_LEN(rooms);
