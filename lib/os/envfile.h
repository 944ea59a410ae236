/*
 * envfile: reads files of NAME=value lines like systemd's EnvironmentFile.
 *
 * Not:    lenient: a line that systemd would skip with a warning is an error.
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
	/* The line on which it begins. */
	unsigned line;
	/* Empty if the line has no name. */
	struct str name;
	struct str value;
	/* The problem of the line, or NULL. */
	const char *problem;
};

void envfile_begin(struct envfile *, struct arena *, struct str text);
/* The next assignment or error; false at the end. */
bool envfile_next(struct envfile *, struct envfile_item *);

#endif
