/*
 * The filter lists the system calls that are allowed. Others fail with EPERM,
 * so that a call missing from the list shows as an error in the log, and does
 * not kill the worker.
 */
#include "lib/sandbox/sandbox.h"

#include "lib/sandbox/filter.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/stat.h>
#include <unistd.h>

/* Gives the user the folder and those files in it that root owns. */
static bool
hand_over(const char *folder, uid_t user)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	struct stat st;
	bool fine = dir && fchown(fd, user, (gid_t)-1) == 0;

	while (fine && (entry = readdir(dir)))
		if (fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    !S_ISDIR(st.st_mode) && st.st_uid == 0)
			fine = fchownat(fd, entry->d_name, user, (gid_t)-1,
				   AT_SYMLINK_NOFOLLOW) == 0;
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
	return fine;
}

bool
sandbox_become(const char *user, const char *folder)
{
	const struct passwd *who = getpwnam(user);

	if (!who) {
		errno = ENOENT;
		return false;
	}
	if (!hand_over(folder, who->pw_uid) ||
	    initgroups(who->pw_name, who->pw_gid) < 0 ||
	    setresgid(who->pw_gid, who->pw_gid, who->pw_gid) < 0 ||
	    setresuid(who->pw_uid, who->pw_uid, who->pw_uid) < 0)
		return false;
	/* Make sure that there is no way back to root. */
	if (who->pw_uid != 0 && setuid(0) == 0) {
		errno = EPERM;
		return false;
	}
	return true;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_UNDEFINED__)

static bool
load(bool starts)
{
	(void)starts;
	return true;
}

#else

#define CALL(name) SCMP_SYS(name)

static const int allowed[] = {
	/* descriptors */
	CALL(read),
	CALL(write),
	CALL(readv),
	CALL(writev),
	CALL(pread64),
	CALL(pwrite64),
	CALL(close),
	CALL(lseek),
	CALL(fcntl),
	CALL(ioctl),
	CALL(dup),
	CALL(dup2),
	CALL(dup3),
	CALL(pipe2),
	CALL(eventfd2),
	CALL(fsync),
	CALL(fdatasync),
	CALL(ftruncate),
	CALL(fallocate),
	/* waiting */
	CALL(poll),
	CALL(ppoll),
	CALL(select),
	CALL(pselect6),
	CALL(epoll_create1),
	CALL(epoll_ctl),
	CALL(epoll_wait),
	CALL(epoll_pwait),
	CALL(nanosleep),
	CALL(clock_nanosleep),
	CALL(restart_syscall),
	/* sockets */
	CALL(socket),
	CALL(socketpair),
	CALL(connect),
	CALL(accept),
	CALL(accept4),
	CALL(bind),
	CALL(sendto),
	CALL(recvfrom),
	CALL(sendmsg),
	CALL(recvmsg),
	CALL(sendmmsg),
	CALL(recvmmsg),
	CALL(shutdown),
	CALL(getsockname),
	CALL(getpeername),
	CALL(getsockopt),
	CALL(setsockopt),
	/* files: logs, certificates, password files, name services */
	CALL(open),
	CALL(openat),
	CALL(stat),
	CALL(lstat),
	CALL(fstat),
	CALL(newfstatat),
	CALL(statx),
	CALL(statfs),
	CALL(fstatfs),
	CALL(access),
	CALL(faccessat),
	CALL(faccessat2),
	CALL(readlink),
	CALL(readlinkat),
	CALL(getcwd),
	CALL(getdents64),
	CALL(unlink),
	CALL(unlinkat),
	CALL(rename),
	CALL(renameat),
	CALL(renameat2),
	CALL(umask),
	/* memory */
	CALL(brk),
	CALL(mmap),
	CALL(munmap),
	CALL(mremap),
	CALL(mprotect),
	CALL(madvise),
	CALL(membarrier),
	CALL(futex),
	/* time and random numbers */
	CALL(clock_gettime),
	CALL(clock_getres),
	CALL(gettimeofday),
	CALL(time),
	CALL(times),
	CALL(getrandom),
	CALL(setitimer),
	CALL(timer_create),
	CALL(timer_settime),
	CALL(timer_delete),
	/* the process itself, and its own children */
	CALL(getpid),
	CALL(getppid),
	CALL(gettid),
	CALL(getuid),
	CALL(geteuid),
	CALL(getgid),
	CALL(getegid),
	CALL(getgroups),
	CALL(getrlimit),
	CALL(getrusage),
	CALL(sysinfo),
	CALL(uname),
	CALL(sched_yield),
	CALL(sched_getaffinity),
	CALL(getcpu),
	CALL(arch_prctl),
	CALL(prctl),
	CALL(set_robust_list),
	CALL(rseq),
	CALL(rt_sigaction),
	CALL(rt_sigprocmask),
	CALL(rt_sigreturn),
	CALL(rt_sigpending),
	CALL(rt_sigtimedwait),
	CALL(sigaltstack),
	CALL(kill),
	CALL(tgkill),
	CALL(exit),
	CALL(exit_group),
	CALL(wait4),
	CALL(waitid),
};

/*
 * Allows threads, in which libcurl resolves names, but no processes. A filter
 * cannot inspect the arguments of clone3, so clone3 fails with ENOSYS and the C
 * library falls back to clone.
 */
static bool
allow_threads(scmp_filter_ctx filter)
{
	const scmp_datum_t thread = CLONE_THREAD | CLONE_VM | CLONE_SIGHAND;

	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(clone), 1,
		   SCMP_A0(SCMP_CMP_MASKED_EQ, thread, thread)) == 0 &&
	    seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), CALL(clone3), 0) ==
	    0;
}

/* A process may set its own limits. */
static bool
allow_own_limits(scmp_filter_ctx filter)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(prlimit64), 1,
		   SCMP_A0(SCMP_CMP_EQ, 0)) == 0;
}

static const int starting[] = {
	CALL(clone),
	CALL(vfork),
	CALL(execve),
	CALL(set_tid_address),
	CALL(close_range),
	CALL(memfd_create),
	CALL(setrlimit),
	CALL(setpriority),
	CALL(setpgid),
	CALL(setgroups),
	CALL(setresgid),
	CALL(setresuid),
	CALL(seccomp),
	/* to shut a child in with a folder */
	CALL(mkdirat),
	CALL(fchownat),
	CALL(fchdir),
	CALL(capset),
	CALL(landlock_create_ruleset),
	CALL(landlock_add_rule),
	CALL(landlock_restrict_self),
};

/* A binary tree finds a call faster than a long list. */
static bool
load(bool starts)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	bool fine = filter &&
	    seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2) == 0 &&
	    filter_add(filter, SCMP_ACT_ALLOW, allowed, ARRAY_LEN(allowed)) &&
	    allow_threads(filter) && allow_own_limits(filter) &&
	    (!starts ||
		filter_add(filter, SCMP_ACT_ALLOW, starting,
		    ARRAY_LEN(starting))) &&
	    seccomp_load(filter) == 0;

	seccomp_release(filter);
	return fine;
}

#endif

bool
sandbox_filter(void)
{
	return load(false);
}

bool
sandbox_filter_starter(void)
{
	return load(true);
}
