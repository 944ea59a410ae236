/*
 * uuid: sixteen bytes that name something, and how they are written.
 *
 * Owns:   nothing.
 * Not:    making one: the database does that.
 * Limit:  the form with hyphens; in either case when read, lower when written.
 */
#ifndef IO7_LIB_BASE_UUID_H
#define IO7_LIB_BASE_UUID_H

#include "lib/base/str.h"

struct uuid {
	uint8_t b[16];
};

enum { UUID_TEXT = sizeof("00000000-0000-0000-0000-000000000000") };

void uuid_text(struct uuid, char to[UUID_TEXT]);
bool uuid_of(struct str, struct uuid *) MUST_CHECK;
bool uuid_eq(struct uuid, struct uuid);
/* As a JSON string. */
void buf_uuid(struct buf *, struct uuid);

#endif
