/*
 * The rooms. A new capability is a folder of its own and a line here.
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

const struct room *const rooms[] = {
	&account_room,
	&health_room,
	&kv_room,
	&keys_room,
	&me_room,
	&usage_room,
	&signin_room,
	&transform_room,
};

const size_t rooms_count = ARRAY_LEN(rooms);
