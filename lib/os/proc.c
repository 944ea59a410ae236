/*
 * Processes, signals and unix sockets.
 */
#include "lib/os/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int
bind_private(int fd, const struct sockaddr_un *at, gid_t group)
{
	mode_t was = umask(0177);
	int rc = bind(fd, (const struct sockaddr *)at, sizeof(*at));

	umask(was);
	if (rc < 0)
		return rc;
	if (group == (gid_t)-1)
		return 0;
	if (chown(at->sun_path, (uid_t)-1, group) < 0)
		return -1;
	return chmod(at->sun_path, 0660);
}

int
proc_listen(const char *path, int backlog, gid_t group)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(at.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(at.sun_path, path, strlen(path) + 1);
	if (unlink(path) < 0 && errno != ENOENT)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	if (bind_private(fd, &at, group) < 0 || listen(fd, backlog) < 0) {
		int was = errno;

		close(fd);
		errno = was;
		return -1;
	}
	return fd;
}

void
proc_no_new_privileges(void)
{
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

void
proc_name(const char *name)
{
	prctl(PR_SET_NAME, name);
}

void
proc_on_signal(int signal, void (*handler)(int))
{
	struct sigaction act = { .sa_handler = handler };

	sigfillset(&act.sa_mask);
	sigaction(signal, &act, NULL);
}

static volatile sig_atomic_t asked_to_leave, asked_to_reopen;

static void
on_term(int signal)
{
	(void)signal;
	asked_to_leave = 1;
}

static void
on_usr1(int signal)
{
	(void)signal;
	asked_to_reopen = 1;
}

void
proc_heed_signals(void)
{
	static const int ignored[] = { SIGINT, SIGHUP, SIGUSR2, SIGPIPE };

	for (size_t i = 0; i < ARRAY_LEN(ignored); i++)
		proc_on_signal(ignored[i], SIG_IGN);
	proc_on_signal(SIGTERM, on_term);
	proc_on_signal(SIGUSR1, on_usr1);
}

bool
proc_is_asked_to_leave(void)
{
	return asked_to_leave;
}

void
proc_ask_to_leave(void)
{
	asked_to_leave = 1;
}

bool
proc_is_asked_to_reopen(void)
{
	if (!asked_to_reopen)
		return false;
	asked_to_reopen = 0;
	return true;
}

void
proc_block(const sigset_t *set)
{
	sigprocmask(SIG_BLOCK, set, NULL);
}

void
proc_end_after(int64_t ns)
{
	struct itimerval timer = {
		.it_value = { ns / NS_PER_S, ns % NS_PER_S / NS_PER_US },
	};

	setitimer(ITIMER_REAL, &timer, NULL);
}

void
proc_describe_end(int status, char *to, size_t size)
{
	if (WIFSIGNALED(status))
		snprintf(to, size, "signal %d (%s)", WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else
		snprintf(to, size, "exit %d", WEXITSTATUS(status));
}

/* The control data of a message that carries descriptors. */
union control {
	struct cmsghdr head;
	char bytes[CMSG_SPACE(PROC_FDS * sizeof(int))];
};

bool
proc_send_fds(int socket, const int *fds, size_t n)
{
	char byte = 'f';
	struct iovec io = { &byte, 1 };
	union control control = { 0 };
	struct msghdr message = {
		.msg_iov = &io,
		.msg_iovlen = 1,
	};

	if (n) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(n * sizeof(int));
		control.head = (struct cmsghdr){
			.cmsg_len = CMSG_LEN(n * sizeof(int)),
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
		};
		memcpy(CMSG_DATA(&control.head), fds, n * sizeof(int));
	}
	return sendmsg(socket, &message, MSG_NOSIGNAL) == 1;
}

bool
proc_receive_fds(int socket, int *fds, size_t n)
{
	char byte;
	struct iovec io = { &byte, 1 };
	union control control = { 0 };
	struct msghdr message = {
		.msg_iov = &io,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	const struct cmsghdr *head;

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1)
		return false;
	head = CMSG_FIRSTHDR(&message);
	if (!head || head->cmsg_type != SCM_RIGHTS ||
	    head->cmsg_len != CMSG_LEN(n * sizeof(int)))
		return false;
	memcpy(fds, CMSG_DATA(head), n * sizeof(int));
	return true;
}

/* Asked once, so that a parent and its children agree. */
size_t
proc_cpus(void)
{
	static size_t cpus;
	cpu_set_t set;

	if (!cpus)
		cpus = sched_getaffinity(0, sizeof(set), &set) == 0
		    ? (size_t)CPU_COUNT(&set)
		    : 1;
	return cpus;
}

uint64_t
proc_resident(void)
{
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	char text[128];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	char *second;

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	second = strchr(text, ' ');
	if (!second)
		return 0;
	return strtoull(second, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}
