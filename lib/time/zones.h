/*
 * zones: time zones by their IANA name, from the system's tzdata.
 *
 * Reads a file again when it has changed, for which it looks at most every five
 * seconds. While a changed file cannot be read, the rules read before stay.
 *
 * Owns:   the zones it has read.
 * Limit:  64 zones in memory, of which the least recently used gives way.
 */
#ifndef IO7_LIB_TIME_ZONES_H
#define IO7_LIB_TIME_ZONES_H

#include "lib/base/err.h"
#include "lib/base/str.h"
#include "lib/time/zone.h"

struct zones;

enum { ZONE_NAME_MAX = 64 };

/* `folder` outlives it; NULL is /usr/share/zoneinfo. NULL without memory. */
struct zones *zones_new(const char *folder) MUST_CHECK;
/* NULL is ignored. */
void zones_free(struct zones *);

/*
 * The zone is valid until the next call. "UTC" works without tzdata. Otherwise
 * *problem is a sentence: E_BAD_REQUEST for a name that is not a time zone;
 * E_UNAVAILABLE without tzdata or memory, and for a damaged file.
 */
enum err zones_find(struct zones *, struct str name, const struct zone **,
    const char **problem) MUST_CHECK;

/* The next zones_find() looks at the zone's file, however recent the last look. */
void zones_expire(struct zones *);

#endif
