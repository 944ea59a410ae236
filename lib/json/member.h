/*
 * member: one member of a JSON object that is being written.
 *
 * Owns:   the comma before it, which the first one after "{" has not.
 * Not:    braces; nor values that are JSON already: those are written as is.
 * Limit:  names are ours and need no escapes.
 */
#ifndef IO7_LIB_JSON_MEMBER_H
#define IO7_LIB_JSON_MEMBER_H

#include "lib/base/opt.h"

/* `"name":`, for a value that the caller writes. */
void member(struct buf *, const char *name);

/* A text without p, or what is absent, is null. */
void member_text(struct buf *, const char *name, struct str);
/* Wall clock, in microseconds. */
void member_time(struct buf *, const char *name, struct opt_int64 at);
void member_uuid(struct buf *, const char *name, struct opt_uuid);
void member_int(struct buf *, const char *name, int64_t);
void member_bool(struct buf *, const char *name, bool);

#endif
