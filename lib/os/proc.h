/*
 * proc: processes, signals and unix sockets, as a supervisor needs them.
 *
 * Owns:   nothing; each call is one small service of the kernel's.
 * Not:    policy: who is started, ended or waited for is the caller's.
 * Limit:  a socket's path holds 107 bytes.
 */
#ifndef IO7_LIB_OS_PROC_H
#define IO7_LIB_OS_PROC_H

#include "lib/base/base.h"

#include <signal.h>
#include <sys/types.h>

/*
 * A non-blocking listening socket at that path, which group may use too
 * ((gid_t)-1: the owner's own), in place of whatever lies there: that nobody
 * else serves it is for the caller to know. -1 with errno.
 */
int proc_listen(const char *path, int backlog, gid_t group) MUST_CHECK;

/* From now on nothing that this process executes gains a privilege. */
void proc_no_new_privileges(void);

/* The name that ps and top show for this process; 15 bytes are kept. */
void proc_name(const char *);

/* The handler runs with all signals blocked and restarts nothing. */
void proc_on_signal(int signal, void (*handler)(int));

void proc_block(const sigset_t *);

/* "exit 3", "signal 9 (Killed)": how a child that was waited for ended. */
void proc_describe_end(int status, char *to, size_t);

/*
 * One byte over a unix socket, with n descriptors: at most PROC_FDS. False,
 * with errno, when the other end is not there.
 */
enum { PROC_FDS = 2 };
bool proc_send_fds(int socket, const int *fds, size_t n) MUST_CHECK;
/* Waits for a byte that brings exactly n of them. */
bool proc_receive_fds(int socket, int *fds, size_t n) MUST_CHECK;

/* Resident bytes of this process. */
uint64_t proc_resident(void);

#endif
