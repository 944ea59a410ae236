/*
 * sandbox_jq: seccomp filters for processes that run untrusted jq programs.
 *
 * Not:    limits of memory and time: the caller sets those.
 */
#ifndef IO7_LIB_SANDBOX_SANDBOX_JQ_H
#define IO7_LIB_SANDBOX_SANDBOX_JQ_H

#include "lib/sandbox/filter.h"

/*
 * Root becomes nobody (65534), for good; other users stay. False if that fails:
 * then no program must run.
 */
bool sandbox_jq_leave_root(void) MUST_CHECK;

/*
 * For a zygote, which reads orders, forks and waits. Opening files and sockets
 * fails; any other call that is not allowed ends the process.
 */
struct filter_program *sandbox_jq_for_zygote(void) MUST_CHECK;
/* For a run, which computes, writes to that descriptor and exits. */
struct filter_program *sandbox_jq_for_run(int out) MUST_CHECK;

#endif
