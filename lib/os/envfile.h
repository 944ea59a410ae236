/*
 * envfile: a file of NAME=value, read as systemd reads an EnvironmentFile.
 *
 * Owns:   where the reading stands.
 * Not:    forgiving: a line that systemd would skip with a warning is a fault.
 * Limit:  what the arena holds.
 */
#ifndef IO7_LIB_OS_ENVFILE_H
#define IO7_LIB_OS_ENVFILE_H

#include "lib/base/str.h"

struct envfile {
	struct arena *mem;
	struct str rest;
	unsigned line;
};

struct envfile_item {
	/* Where it begins. */
	unsigned line;
	/* Empty where the line has none. */
	struct str name;
	struct str value;
	/* What is wrong with the line; NULL where name and value hold. */
	const char *problem;
};

void envfile_begin(struct envfile *, struct arena *, struct str text);
/* The next assignment or fault; false at the end. */
bool envfile_next(struct envfile *, struct envfile_item *);

#endif
