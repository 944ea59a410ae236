/*
 * sandbox_jq: seccomp filters for processes that run untrusted jq programs.
 *
 * Not:    limits of memory and time: the caller sets those.
 * Limit:  builds with sanitizers have no filter, since they need more calls.
 */
#ifndef IO7_LIB_SANDBOX_SANDBOX_JQ_H
#define IO7_LIB_SANDBOX_SANDBOX_JQ_H

#include "lib/base/base.h"

/*
 * Root becomes nobody (65534), for good; other users stay. False if that fails:
 * then no program must run.
 */
bool sandbox_jq_leave_root(void) MUST_CHECK;

/* A compiled filter, which any number of processes can enter. */
struct jq_filter;

/*
 * For a zygote, which reads orders, forks and waits. Opening files and sockets
 * fails; any other call that is not allowed ends the process.
 */
struct jq_filter *sandbox_jq_for_zygote(void) MUST_CHECK;
/* For a run, which computes, writes to that descriptor and exits. */
struct jq_filter *sandbox_jq_for_run(int out) MUST_CHECK;

/* Applies the filter to this process, irrevocably. */
bool sandbox_jq_enter(const struct jq_filter *) MUST_CHECK;

#endif
