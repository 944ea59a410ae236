/*
 * zone_impl: the rules of a zone in memory, between zone.c and its reader.
 */
#ifndef IO7_LIB_TIME_ZONE_IMPL_H
#define IO7_LIB_TIME_ZONE_IMPL_H

#include "lib/time/posix_tz.h"
#include "lib/time/zone.h"

enum {
	ZONE_KINDS_MAX = 64,
	ZONE_LETTERS_MAX = 256,
	ZONE_CHANGES_MAX = 2048,
	ZONE_FILE_MAX = 32 * 1024,
};

struct zone_kind {
	int32_t offset;
	bool is_dst;
	const char *abbreviation; /* in the zone's letters */
};

struct zone_change {
	int64_t second;
	uint8_t kind;
};

struct zone {
	struct zone_kind kinds[ZONE_KINDS_MAX];
	char letters[ZONE_LETTERS_MAX];
	/* Holds from the last change on, or always if there is none. */
	bool has_rule;
	struct tz_rule rule;
	/* In the order of time; kind 0 holds before the first. */
	size_t n;
	struct zone_change changes[];
};

#endif
