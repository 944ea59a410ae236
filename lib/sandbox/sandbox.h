/*
 * sandbox: what a process gives up for good.
 *
 * Owns:   nothing; it only takes away.
 * Not:    a place to run what is not trusted: that needs a process of its own.
 * Limit:  no filter in a build with sanitizers, which need calls of their own.
 */
#ifndef IO7_LIB_SANDBOX_SANDBOX_H
#define IO7_LIB_SANDBOX_SANDBOX_H

#include "lib/base/base.h"

/*
 * From root to that user and the user's groups, with no way back; the given
 * folder, and the files in it that were root's, become the user's. False, with
 * errno, when any of it fails: the process is then in no state to go on.
 */
bool sandbox_become(const char *user, const char *folder) MUST_CHECK;

/*
 * From now on only the system calls that serving takes; others fail with
 * EPERM. Nothing is executed, traced, mounted or loaded any more. False where
 * the kernel has no filters.
 */
bool sandbox_filter(void) MUST_CHECK;
/* The same for one that starts other processes, which inherit this. */
bool sandbox_filter_starter(void) MUST_CHECK;

#endif
