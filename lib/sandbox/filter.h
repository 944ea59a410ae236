/*
 * filter: rules of a seccomp filter, for sandbox and sandbox_jq.
 *
 * Not:    the lists of system calls: each of the two has its own.
 * Limit:  rules without conditions.
 */
#ifndef IO7_LIB_SANDBOX_FILTER_H
#define IO7_LIB_SANDBOX_FILTER_H

#include "lib/base/base.h"

/* Applies an action of libseccomp to each of those system calls. */
bool filter_add(void *filter, uint32_t action, const int *calls, size_t n)
    MUST_CHECK;

#endif
