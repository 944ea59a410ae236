/*
 * proc: processes, signals and unix sockets, as a supervisor needs them.
 *
 * Not:    policy: the caller decides what is started, ended and waited for.
 * Limit:  107 bytes for the path of a socket.
 */
#ifndef IO7_LIB_OS_PROC_H
#define IO7_LIB_OS_PROC_H

#include "lib/base/base.h"

#include <signal.h>
#include <sys/types.h>

/*
 * Listens, without blocking, on a socket at that path. The group may connect
 * too; (gid_t)-1 keeps it to the owner. Replaces any file at the path: the
 * caller makes sure that no other process serves it. -1 with errno.
 */
int proc_listen(const char *path, int backlog, gid_t group) MUST_CHECK;

/* Executed programs gain no privileges (no_new_privs). */
void proc_no_new_privileges(void);

/* The name in ps and top, cut to 15 bytes. */
void proc_name(const char *);

/* The handler runs with all signals blocked; system calls fail with EINTR. */
void proc_on_signal(int signal, void (*handler)(int));

/*
 * From now on SIGTERM asks this process to leave, and SIGUSR1 to reopen its
 * log; the other signals of a supervisor and of a terminal are ignored.
 */
void proc_heed_signals(void);
bool proc_is_asked_to_leave(void);
/* As SIGTERM does. */
void proc_ask_to_leave(void);
/* True once after each SIGUSR1. */
bool proc_is_asked_to_reopen(void);

void proc_block(const sigset_t *);

/* The kernel ends this process after that time, by SIGALRM; 0: never. */
void proc_end_after(int64_t ns);

/* How a child ended, from its wait status: "exit 3", "signal 9 (Killed)". */
void proc_describe_end(int status, char *to, size_t);

/*
 * Sends a byte with n descriptors, PROC_FDS at most, over a unix socket. False
 * with errno.
 */
enum { PROC_FDS = 2 };
bool proc_send_fds(int socket, const int *fds, size_t n) MUST_CHECK;
/* Waits for a byte that carries exactly n descriptors. */
bool proc_receive_fds(int socket, int *fds, size_t n) MUST_CHECK;

/* The CPUs that this process may use, as at the first call. */
size_t proc_cpus(void);

/* The resident memory of this process in bytes. */
uint64_t proc_resident(void);

#endif
