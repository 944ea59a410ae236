/*
 * member: writes members of a JSON object.
 *
 * Owns:   the comma before each member but the first.
 * Not:    braces, nor values that are JSON already.
 * Limit:  names are written without escapes.
 */
#ifndef IO7_LIB_JSON_MEMBER_H
#define IO7_LIB_JSON_MEMBER_H

#include "lib/base/opt.h"

/* `"name":`, for a value that the caller writes. */
void member(struct buf *, const char *name);

/* A text without p and an absent value become null. */
void member_text(struct buf *, const char *name, struct str);
/* Microseconds since 1970, as RFC 3339. */
void member_time(struct buf *, const char *name, struct opt_int64 at);
void member_uuid(struct buf *, const char *name, struct opt_uuid);
void member_int(struct buf *, const char *name, int64_t);
void member_bool(struct buf *, const char *name, bool);

#endif
