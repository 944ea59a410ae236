/*
 * filter: rules of a seccomp filter, and compiled filters.
 *
 * Not:    the lists of system calls: each kind of process has its own.
 * Limit:  1024 instructions of a compiled filter. Builds with sanitizers enter
 *         none, since they need more calls.
 */
#ifndef IO7_LIB_SANDBOX_FILTER_H
#define IO7_LIB_SANDBOX_FILTER_H

#include "lib/base/base.h"

/* Applies an action of libseccomp to each of those system calls. */
bool filter_add(void *filter, uint32_t action, const int *calls, size_t n)
    MUST_CHECK;

/* Allows mmap() and mprotect(), but not of executable memory. */
bool filter_add_memory(void *filter) MUST_CHECK;

/* A compiled filter, which any number of processes can enter. */
struct filter_program;

/* Releases the filter. NULL if that fails. */
struct filter_program *filter_compile(void *filter) MUST_CHECK;
/* Applies it to this process, which must have no_new_privs, irrevocably. */
bool filter_enter(const struct filter_program *) MUST_CHECK;

#endif
