/*
 * sandbox_jq: the system calls that are left to what runs a foreign program.
 *
 * Owns:   the two lists: of what compiles a program, and of what runs it.
 * Not:    limits of memory or time: those are the caller's to set.
 * Limit:  no filter in a build with sanitizers, which need calls of their own.
 */
#ifndef IO7_LIB_SANDBOX_SANDBOX_JQ_H
#define IO7_LIB_SANDBOX_SANDBOX_JQ_H

#include "lib/base/base.h"

/* A filter, made once, that is set with one call as often as need be. */
struct jail;

/*
 * For a process that takes orders over descriptors, forks and waits. Whatever
 * opens a file or a socket fails, and any other call ends the process.
 */
struct jail *sandbox_jq_for_zygote(void) MUST_CHECK;
/* For one that computes, writes to that descriptor and ends. */
struct jail *sandbox_jq_for_run(int out) MUST_CHECK;

/* There is no way back. */
bool sandbox_jq_enter(const struct jail *) MUST_CHECK;

#endif
