/*
 * The spawner is forked before its worker opens anything, so that it has no
 * secrets but memory. Zygotes execute this program anew and so do not have even
 * that memory.
 */
#include "lib/jq/jqx_impl.h"
#include "lib/os/proc.h"
#include "lib/sandbox/sandbox.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Closes all descriptors but fd; the standard ones become /dev/null. */
static void
keep_only(int fd)
{
	int null = open("/dev/null", O_RDWR);

	if (null < 0 || dup2(fd, JQX_ORDERS) < 0)
		_exit(EXIT_FAILURE);
	for (int i = 0; i < JQX_ORDERS; i++)
		dup2(null, i);
	close_range(JQX_ORDERS + 1, ~0U, 0);
}

static void
become_zygote(int orders)
{
	static char name[] = JQX_ZYGOTE;
	char *const argv[] = { name, NULL };
	char *const none[] = { NULL };

	keep_only(orders);
	execve("/proc/self/exe", argv, none);
	_exit(EXIT_FAILURE);
}

static void
start_zygote(int socket)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
		(void)!proc_send_fds(socket, NULL, 0);
		return;
	}
	pid = fork();
	if (pid == 0)
		become_zygote(pair[1]);
	(void)!proc_send_fds(socket, pair, pid > 0 ? 1 : 0);
	close(pair[0]);
	close(pair[1]);
}

/* Only the end of the worker's socket ends this process, not a signal. */
static void
serve(void)
{
	static const int ignored[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1,
		SIGUSR2, SIGCHLD, SIGPIPE };
	char byte;

	for (size_t i = 0; i < ARRAY_LEN(ignored); i++)
		proc_on_signal(ignored[i], SIG_IGN);
	proc_name("io7-spawner");
	proc_no_new_privileges();
	/* A kernel without filters is reported by the worker. */
	(void)!sandbox_filter_starter();
	while (read(JQX_ORDERS, &byte, 1) == 1)
		start_zygote(JQX_ORDERS);
	/* The zygotes exit too: the worker has closed their sockets. */
	while (wait(NULL) > 0)
		continue;
	_exit(EXIT_SUCCESS);
}

int
jqx_spawner(void)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		keep_only(pair[1]);
		serve();
	}
	close(pair[1]);
	if (pid > 0)
		return pair[0];
	close(pair[0]);
	return -1;
}
