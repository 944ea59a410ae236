/*
 * fnv: FNV-1a, a fast hash for tables in memory.
 *
 * Not:    cryptography, nor protection against chosen keys.
 */
#ifndef IO7_LIB_BASE_FNV_H
#define IO7_LIB_BASE_FNV_H

#include "lib/base/base.h"

#define FNV_START UINT64_C(14695981039346656037)

/* The hash goes on over n more bytes; the first call passes FNV_START. */
static inline uint64_t
fnv(uint64_t hash, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ p[i]) * UINT64_C(1099511628211);
	return hash;
}

#endif
