/*
 * uuid: UUIDs and their text form (RFC 9562).
 *
 * Not:    generation: the database generates them.
 * Limit:  the form with hyphens: either case when read, lower case when
 *         written.
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
