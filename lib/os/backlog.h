/*
 * backlog: how many connections wait at a unix socket to be accepted.
 *
 * Limit:  needs a kernel with unix_diag; without it the number is unknown.
 */
#ifndef IO7_LIB_OS_BACKLOG_H
#define IO7_LIB_OS_BACKLOG_H

#include "lib/base/base.h"

/* The number at the socket bound to that path; -1 if it is unknown. */
int64_t backlog_of(const char *path);

#endif
