/*
 * A call that is not listed ends the process: SQLite does not make it, so that it
 * is part of an attack.
 */
#include "lib/sandbox/sandbox_keeper.h"

#include "lib/sandbox/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	/* A connection for each worker, and the files of SQLite's connections. */
	FILES_MAX = 4096,
	/* Added while a keeper runs something long. */
	NICE = 5,
	/* RLIMIT_NICE that permits the priority 0. */
	NICE_LIMIT = 20,
};

#define CALL(name) SCMP_SYS(name)

static const int allowed[] = {
	/* connections */
	CALL(epoll_wait),
	CALL(epoll_pwait),
	CALL(epoll_ctl),
	CALL(poll),
	CALL(ppoll),
	CALL(recvfrom),
	CALL(recvmsg),
	CALL(sendto),
	CALL(sendmsg),
	CALL(shutdown),
	CALL(close),
	/* files of the folder */
	CALL(open),
	CALL(openat),
	CALL(read),
	CALL(write),
	CALL(pread64),
	CALL(pwrite64),
	CALL(lseek),
	CALL(fsync),
	CALL(fdatasync),
	CALL(ftruncate),
	CALL(fallocate),
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
	CALL(unlink),
	CALL(unlinkat),
	CALL(geteuid),
	/* memory */
	CALL(brk),
	CALL(munmap),
	CALL(mremap),
	CALL(madvise),
	CALL(futex),
	/* time and random numbers */
	CALL(clock_gettime),
	CALL(gettimeofday),
	CALL(time),
	CALL(nanosleep),
	CALL(clock_nanosleep),
	CALL(getrandom),
	/* the process itself */
	CALL(getpid),
	CALL(gettid),
	CALL(sysinfo),
	CALL(getrusage),
	CALL(rt_sigprocmask),
	CALL(rt_sigreturn),
	CALL(restart_syscall),
	CALL(exit),
	CALL(exit_group),
};

/* SQLite gives files to the owner of the database if it runs as root. */
static const int refused[] = {
	CALL(fchown),
	CALL(fchmod),
	CALL(mkdir),
	CALL(rmdir),
	CALL(ioctl),
};

/* Locks and flags, but no signals for other processes (F_SETOWN). */
static bool
add_locks(scmp_filter_ctx filter)
{
	static const int commands[] = { F_GETLK, F_SETLK, F_SETLKW, F_GETFD,
		F_SETFD, F_GETFL };

	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(fcntl), 1,
			SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)commands[i])) != 0)
			return false;
	return true;
}

/* Only its own priority. */
static bool
add_priority(scmp_filter_ctx filter)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(setpriority), 2,
		   SCMP_A0(SCMP_CMP_EQ, PRIO_PROCESS),
		   SCMP_A1(SCMP_CMP_EQ, 0)) == 0;
}

struct filter_program *
sandbox_keeper_filter(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_THREAD);

	if (filter &&
	    seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2) == 0 &&
	    filter_add(filter, SCMP_ACT_ALLOW, allowed, ARRAY_LEN(allowed)) &&
	    filter_add(filter, SCMP_ACT_ERRNO(EACCES), refused,
		ARRAY_LEN(refused)) &&
	    filter_add_memory(filter) && add_locks(filter) &&
	    add_priority(filter))
		return filter_compile(filter);
	seccomp_release(filter);
	return NULL;
}

/* Never above the limit that holds already: that would need root. */
static bool
set_limit(int what, uint64_t most)
{
	struct rlimit limit;

	if (getrlimit((__rlimit_resource_t)what, &limit) < 0)
		return false;
	if (limit.rlim_max > most)
		limit.rlim_max = most;
	limit.rlim_cur = limit.rlim_max;
	return setrlimit((__rlimit_resource_t)what, &limit) == 0;
}

static bool
drop_capabilities(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

	return syscall(SYS_capset, &head, none) == 0;
}

static bool
leave_root(int folder)
{
	struct stat st;

	if (geteuid() != 0)
		return true;
	return fstat(folder, &st) == 0 && setgroups(0, NULL) == 0 &&
	    setresgid(st.st_gid, st.st_gid, st.st_gid) == 0 &&
	    setresuid(st.st_uid, st.st_uid, st.st_uid) == 0 &&
	    drop_capabilities();
}

/* Of the process when it entered. */
static int usual;

bool
sandbox_keeper_defer(bool on)
{
	return setpriority(PRIO_PROCESS, 0, on ? usual + NICE : usual) == 0;
}

bool
sandbox_keeper_enter(int folder, const struct sandbox_keeper_limits *limits,
    const struct filter_program *filter)
{
	const struct rlimit limit = { NICE_LIMIT, NICE_LIMIT };

	usual = getpriority(PRIO_PROCESS, 0);
	/* Root, or a service with that limit, can go back to it. */
	(void)!setrlimit(RLIMIT_NICE, &limit);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (!leave_root(folder) || !landlock_confine(folder) ||
	    !set_limit(RLIMIT_CORE, 0) ||
	    !set_limit(RLIMIT_FSIZE, limits->file) ||
	    !set_limit(RLIMIT_NOFILE, FILES_MAX))
		return false;
#ifndef __SANITIZE_ADDRESS__
	if (!set_limit(RLIMIT_AS, limits->memory))
		return false;
#endif
	/* Other processes of the same user cannot look into its memory. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return filter_enter(filter);
}
