/*
 * Two filters that end a process for a call that is not in their list. A file
 * or a socket is refused rather than punished: a library looks for a time zone
 * or a home as a matter of course, and does without.
 */
#include "lib/sandbox/sandbox_jq.h"

#include "lib/sandbox/filter.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { SANDBOX_JQ_STEPS_MAX = 1024 };

struct jail {
	struct sock_fprog program;
	struct sock_filter steps[SANDBOX_JQ_STEPS_MAX];
};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_UNDEFINED__)

struct jail *
sandbox_jq_for_zygote(void)
{
	return calloc(1, sizeof(struct jail));
}

struct jail *
sandbox_jq_for_run(int out)
{
	(void)out;
	return calloc(1, sizeof(struct jail));
}

bool
sandbox_jq_enter(const struct jail *jail)
{
	return jail != NULL;
}

#else

#define CALL(name) SCMP_SYS(name)

/* The C library's qsort asks by sysinfo how much memory there is. */
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
	CALL(fcntl),
	CALL(wait4),
	CALL(setitimer),
	CALL(prlimit64),
	CALL(getrusage),
	CALL(set_robust_list),
	CALL(rseq),
	CALL(gettid),
	CALL(getpid),
	CALL(rt_sigprocmask),
	CALL(rt_sigaction),
	CALL(rt_sigreturn),
};

/* Memory, but none that is executed. */
static bool
add_memory(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp plain =
	    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);

	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(mmap), 1, plain) ==
	    0 &&
	    seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(mprotect), 1,
		plain) == 0;
}

/*
 * There is one thread, so with it ends the process; to say so in the newer way
 * takes the call seccomp(), which a unit of systemd may have forbidden.
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
	    add_memory(filter))
		return filter;
	seccomp_release(filter);
	return NULL;
}

/* libseccomp writes a filter to a descriptor only. */
static struct jail *
export_filter(scmp_filter_ctx filter)
{
	struct jail *jail = calloc(1, sizeof(*jail));
	int fd = memfd_create("jail", MFD_CLOEXEC);
	ssize_t n = -1;

	if (jail && fd >= 0 && seccomp_export_bpf(filter, fd) == 0)
		n = pread(fd, jail->steps, sizeof(jail->steps), 0);
	if (fd >= 0)
		close(fd);
	seccomp_release(filter);
	if (n <= 0 || (size_t)n == sizeof(jail->steps)) {
		free(jail);
		return NULL;
	}
	jail->program = (struct sock_fprog){
		.len = (unsigned short)((size_t)n / sizeof(jail->steps[0])),
		.filter = jail->steps,
	};
	return jail;
}

/* A fork, but no thread and no namespace of its own. */
struct jail *
sandbox_jq_for_zygote(void)
{
	const struct scmp_arg_cmp fork = SCMP_A0(SCMP_CMP_MASKED_EQ,
	    ~(uint64_t)(CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID), SIGCHLD);
	const struct scmp_arg_cmp filter_call =
	    SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP);
	scmp_filter_ctx filter = begin_filter();

	if (filter &&
	    filter_add(filter, SCMP_ACT_ALLOW, managing, ARRAY_LEN(managing)) &&
	    seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(clone), 1, fork) ==
		0 &&
	    seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(prctl), 1,
		filter_call) == 0)
		return export_filter(filter);
	seccomp_release(filter);
	return NULL;
}

struct jail *
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
		return export_filter(filter);
	seccomp_release(filter);
	return NULL;
}

bool
sandbox_jq_enter(const struct jail *jail)
{
	return jail &&
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &jail->program, 0, 0) ==
	    0;
}

#endif
