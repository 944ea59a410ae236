/*
 * The filters end a process that makes a call not in their lists. Opening a
 * file or a socket only fails: libraries try to read a time zone or a home
 * folder, and work without it.
 */
#include "lib/sandbox/sandbox_jq.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

bool
sandbox_jq_leave_root(void)
{
	enum { NOBODY = 65534 };

	return geteuid() != 0 ||
	    (setgroups(0, NULL) == 0 &&
		setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
		setresuid(NOBODY, NOBODY, NOBODY) == 0);
}

#define CALL(name) SCMP_SYS(name)

/* qsort() of the C library calls sysinfo to learn the size of memory. */
static const int computing[] = {
	CALL(sysinfo),
	CALL(brk),
	CALL(munmap),
	CALL(mremap),
	CALL(madvise),
	CALL(futex),
	CALL(getrandom),
	CALL(clock_gettime),
	CALL(gettimeofday),
	CALL(exit),
	CALL(exit_group),
	CALL(restart_syscall),
};

static const int refused[] = {
	CALL(open),
	CALL(openat),
	CALL(stat),
	CALL(lstat),
	CALL(fstat),
	CALL(newfstatat),
	CALL(statx),
	CALL(access),
	CALL(faccessat),
	CALL(faccessat2),
	CALL(readlink),
	CALL(readlinkat),
	CALL(getcwd),
	CALL(ioctl),
	CALL(socket),
};

static const int managing[] = {
	CALL(read),
	CALL(write),
	CALL(recvmsg),
	CALL(sendto),
	CALL(close),
	CALL(close_range),
	CALL(wait4),
	CALL(setitimer),
	CALL(getrusage),
	CALL(set_robust_list),
	CALL(rseq),
	CALL(gettid),
	CALL(getpid),
	CALL(rt_sigprocmask),
	CALL(rt_sigaction),
	CALL(rt_sigreturn),
};

/*
 * fcntl may ask for the signal that ends the process, and prlimit64 may limit
 * the process itself. The filter cannot know the process that a run will be, so
 * F_SETOWN takes any. Other processes than those of jq ignore that signal.
 */
static bool
add_own(scmp_filter_ctx filter)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(fcntl), 1,
		   SCMP_A1(SCMP_CMP_EQ, F_SETOWN)) == 0 &&
	    seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(fcntl), 1,
		SCMP_A1(SCMP_CMP_EQ, F_SETFL)) == 0 &&
	    seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(prlimit64), 1,
		SCMP_A0(SCMP_CMP_EQ, 0)) == 0;
}

/*
 * The process has one thread, so that KILL_THREAD ends it. KILL_PROCESS would
 * need the call seccomp(), which the systemd unit may forbid.
 */
static scmp_filter_ctx
begin_filter(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_THREAD);

	if (filter &&
	    filter_add(filter, SCMP_ACT_ALLOW, computing,
		ARRAY_LEN(computing)) &&
	    filter_add(filter, SCMP_ACT_ERRNO(EACCES), refused,
		ARRAY_LEN(refused)) &&
	    filter_add_memory(filter))
		return filter;
	seccomp_release(filter);
	return NULL;
}

/* clone() may fork, but not make threads or namespaces. */
struct filter_program *
sandbox_jq_for_zygote(void)
{
	const struct scmp_arg_cmp fork = SCMP_A0(SCMP_CMP_MASKED_EQ,
	    ~(uint64_t)(CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID), SIGCHLD);
	const struct scmp_arg_cmp filter_call =
	    SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP);
	scmp_filter_ctx filter = begin_filter();

	if (filter &&
	    filter_add(filter, SCMP_ACT_ALLOW, managing, ARRAY_LEN(managing)) &&
	    add_own(filter) &&
	    seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(clone), 1, fork) ==
		0 &&
	    seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(prctl), 1,
		filter_call) == 0)
		return filter_compile(filter);
	seccomp_release(filter);
	return NULL;
}

struct filter_program *
sandbox_jq_for_run(int out)
{
	const struct scmp_arg_cmp there =
	    SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)out);
	const struct scmp_arg_cmp elsewhere =
	    SCMP_A0(SCMP_CMP_NE, (scmp_datum_t)out);
	scmp_filter_ctx filter = begin_filter();

	if (filter &&
	    seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(write), 1, there) ==
		0 &&
	    seccomp_rule_add(filter, SCMP_ACT_ERRNO(EBADF), CALL(write), 1,
		elsewhere) == 0)
		return filter_compile(filter);
	seccomp_release(filter);
	return NULL;
}
