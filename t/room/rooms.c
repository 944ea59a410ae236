/*
 * The list of rooms of build/io7-test: the program that is shipped, with one
 * room more, through which tests reach what no room of its own shows yet: the
 * body of a request, the door, a handler that takes its time or dies.
 */
#include "fcgi/rooms.h"

#include "fcgi/account/me.h"
#include "fcgi/health/health.h"
#include "fcgi/identity/signup.h"
#include "fcgi/keys/keys.h"
#include "fcgi/kv/kv.h"
#include "fcgi/signin/signin.h"
#include "fcgi/transform/transform.h"
#include "fcgi/usage/usage_room.h"
#include "t/room/room.h"

const struct room *const rooms[] = {
	&account_room,
	&health_room,
	&kv_room,
	&keys_room,
	&me_room,
	&usage_room,
	&signin_room,
	&transform_room,
	&test_room,
	&limits_room,
};

const size_t rooms_count = ARRAY_LEN(rooms);
