/*
 * backlog: how many connections wait at a unix socket to be accepted.
 *
 * Owns:   nothing; the kernel is asked each time.
 * Not:    other sockets than listening unix sockets.
 * Limit:  a kernel without unix_diag knows no answer.
 */
#ifndef IO7_LIB_OS_BACKLOG_H
#define IO7_LIB_OS_BACKLOG_H

#include "lib/base/base.h"

/* Of the socket that was bound to that path; -1 where the kernel knows none. */
int64_t backlog_of(const char *path);

#endif
