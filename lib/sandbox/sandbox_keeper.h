/*
 * sandbox_keeper: shuts a process in with the folder of one database.
 *
 * Owns:   the limits that SQL cannot change: files by Landlock, system calls by
 *         a filter, memory and size of files by resource limits.
 * Limit:  where the kernel has no Landlock, the other limits hold.
 */
#ifndef IO7_LIB_SANDBOX_SANDBOX_KEEPER_H
#define IO7_LIB_SANDBOX_SANDBOX_KEEPER_H

#include "lib/sandbox/filter.h"

/* Compiles the filter once, for all keepers. NULL if that fails. */
struct filter_program *sandbox_keeper_filter(void) MUST_CHECK;

struct sandbox_keeper_limits {
	uint64_t memory; /* bytes of address space */
	uint64_t file;   /* bytes of a file */
};

/*
 * Root becomes the owner of the folder; root that owns it has no capabilities
 * afterwards. All limits are irrevocable. False with errno: the process must
 * exit then.
 */
bool sandbox_keeper_enter(int folder, const struct sandbox_keeper_limits *,
    const struct filter_program *) MUST_CHECK;
/*
 * With `on`, other processes get the CPU first. False if it stays as it is:
 * going back needs RLIMIT_NICE.
 */
bool sandbox_keeper_defer(bool on) MUST_CHECK;

#endif
