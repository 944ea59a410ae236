/*
 * The filter of a jq zygote. Each check enters it in a child process, which a
 * forbidden call ends with SIGSYS.
 */
#include "lib/sandbox/sandbox_jq.h"
#include "lib/os/proc.h"
#include "t/unit/tap.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* A build with sanitizers has no filter. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_UNDEFINED__)
static const bool is_filtered = false;
#else
static const bool is_filtered = true;
#endif

static pid_t parent;

static void
limit_itself(void)
{
	setrlimit(RLIMIT_CPU, &(struct rlimit){ 60, 60 });
}

static void
limit_another(void)
{
	prlimit(parent, RLIMIT_CPU, &(struct rlimit){ 60, 60 }, NULL);
}

static void
ask_for_signal(void)
{
	fcntl(STDIN_FILENO, F_SETOWN, getpid());
	fcntl(STDIN_FILENO, F_SETFL, O_ASYNC);
}

static void
copy_descriptor(void)
{
	fcntl(STDIN_FILENO, F_DUPFD, 10);
}

static void
take_lock(void)
{
	fcntl(STDIN_FILENO, F_SETLK, &(struct flock){ .l_type = F_RDLCK });
}

static void
open_file(void)
{
	open("/etc/passwd", O_RDONLY);
}

static void
leave_root(void)
{
	if (sandbox_jq_leave_root() && getuid() != 0 && setuid(0) < 0)
		_exit(EXIT_SUCCESS);
	_exit(EXIT_FAILURE);
}

/* Acts in a child with the filter. Returns the signal that ended it, or 0. */
static int
end_of(void (*act)(void))
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		proc_no_new_privileges();
		if (act != leave_root && !filter_enter(sandbox_jq_for_zygote()))
			_exit(EXIT_FAILURE);
		act();
		_exit(EXIT_SUCCESS);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

int
main(void)
{
	parent = getpid();
	is_int(end_of(leave_root), 0, "root becomes another user for good");
	is_int(end_of(limit_itself), 0, "a zygote can set its own limits");
	is_int(end_of(ask_for_signal), 0,
	    "a zygote can request a signal for its socket");
	is_int(end_of(open_file), 0, "opening a file does not end a zygote");
	if (is_filtered) {
		is_int(end_of(limit_another), SIGSYS,
		    "setting the limits of another process ends it");
		is_int(end_of(copy_descriptor), SIGSYS,
		    "copying a descriptor ends it");
		is_int(end_of(take_lock), SIGSYS, "taking a lock ends it");
	}
	return tap_done();
}
