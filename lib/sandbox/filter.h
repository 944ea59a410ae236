/*
 * filter: what sandbox and jail both do to a filter of system calls.
 *
 * Owns:   nothing.
 * Not:    which calls: each of the two has its own lists.
 * Limit:  rules without conditions.
 */
#ifndef IO7_LIB_SANDBOX_FILTER_H
#define IO7_LIB_SANDBOX_FILTER_H

#include "lib/base/base.h"

/* A libseccomp filter, and what becomes of each of those calls. */
bool filter_add(void *filter, uint32_t action, const int *calls, size_t n)
    MUST_CHECK;

#endif
