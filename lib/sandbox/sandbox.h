/*
 * sandbox: drops privileges, irrevocably.
 *
 * Not:    enough to run untrusted code: lib/sandbox/sandbox_jq.h is for that.
 * Limit:  builds with sanitizers have no filter, since they need more calls.
 */
#ifndef IO7_LIB_SANDBOX_SANDBOX_H
#define IO7_LIB_SANDBOX_SANDBOX_H

#include "lib/base/base.h"

/*
 * Changes from root to that user and its groups. The folder, and the files in
 * it that root owns, are given to the user. False with errno; the process must
 * exit then.
 */
bool sandbox_become(const char *user, const char *folder) MUST_CHECK;

/*
 * Allows only the system calls that serving requests needs; others fail with
 * EPERM. Nothing can be executed, traced, mounted or loaded. False if the
 * kernel has no filters.
 */
bool sandbox_filter(void) MUST_CHECK;
/* The same for a process that starts others, which inherit the filter. */
bool sandbox_filter_starter(void) MUST_CHECK;

#endif
