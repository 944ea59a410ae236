/*
 * Listeners. systemd passes its sockets as descriptors 3, 4 and so on, with
 * their number in LISTEN_FDS. So does a supervisor to the program that it
 * becomes; LISTEN_FDNAMES then marks those that it bound itself.
 */
#include "fcgi/serve/sockets.h"

#include "fcgi/options.h"
#include "lib/base/panic.h"
#include "lib/base/str.h"
#include "lib/os/log.h"
#include "lib/os/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

enum {
	FIRST_HANDED_IN = 3,
	/* Above every descriptor that is passed on. */
	ASIDE = 64,
};

static const char own_name[] = "io7-own", other_name[] = "io7";

static void
socket_path(const struct sockets *s, size_t pool, char *to, size_t size)
{
	snprintf(to, size, "%s/%s", s->dir, pool_at(pool)->socket);
}

/* nginx connects to workers, and to nothing else. */
static gid_t
socket_group(const struct options *opts, const struct pool *pool)
{
	const struct group *group =
	    pool->run == RUN_WORKER && opts->socket_group[0]
	    ? getgrnam(opts->socket_group)
	    : NULL;

	return group ? group->gr_gid : (gid_t)-1;
}

/* The pool whose socket this is; pools_count: none. */
static size_t
pool_of(int fd)
{
	struct sockaddr_un at = { 0 };
	socklen_t n = sizeof(at) - 1;
	int listens = 0;
	socklen_t size = sizeof(listens);
	const char *name;
	size_t i = 0;

	if (getsockname(fd, (struct sockaddr *)&at, &n) < 0 ||
	    at.sun_family != AF_UNIX ||
	    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) < 0 ||
	    !listens)
		return pools_count;
	name = strrchr(at.sun_path, '/');
	name = name ? name + 1 : at.sun_path;
	while (i < pools_count &&
	    (!pool_at(i)->socket || strcmp(pool_at(i)->socket, name) != 0))
		i++;
	return i;
}

static void
take(struct sockets *s, int fd, struct str name)
{
	size_t pool = pool_of(fd);

	fcntl(fd, F_SETFD, FD_CLOEXEC);
	if (pool == pools_count || s->fd[pool] >= 0) {
		log_event(LOG_WARN, "odd_socket",
		    "descriptor %d is not the socket of a pool", fd);
		close(fd);
		return;
	}
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	s->fd[pool] = fd;
	s->is_own[pool] = str_eq(name, str_of(own_name));
}

/* Ignore LISTEN_FDS meant for another process. */
static uint64_t
count_handed_in(void)
{
	const char *whose = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
	uint64_t pid, n;

	if (!whose || !count || !str_to_u64(str_of(whose), &pid) ||
	    !str_to_u64(str_of(count), &n) || pid != (uint64_t)getpid() ||
	    n > ASIDE - FIRST_HANDED_IN)
		return 0;
	return n;
}

static void
take_handed_in(struct sockets *s)
{
	const char *text = getenv("LISTEN_FDNAMES");
	struct str names = str_of(text ? text : ""), name;
	uint64_t n = count_handed_in();

	for (uint64_t i = 0; i < n; i++) {
		if (!str_split(&names, ':', &name))
			name = STR("");
		take(s, FIRST_HANDED_IN + (int)i, name);
	}
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
}

void
sockets_open(struct sockets *s, const struct options *opts)
{
	char path[160];

	snprintf(s->dir, sizeof(s->dir), "%s", opts->run_dir);
	for (size_t i = 0; i < POOLS_MAX; i++)
		s->fd[i] = -1;
	take_handed_in(s);
	for (size_t i = 0; i < pools_count; i++) {
		if (!pool_at(i)->socket || s->fd[i] >= 0)
			continue;
		socket_path(s, i, path, sizeof(path));
		s->fd[i] = proc_listen(path, POOL_BACKLOG,
		    socket_group(opts, pool_at(i)));
		s->is_own[i] = true;
		if (s->fd[i] < 0)
			die(EX_OSERR, "%s: %s", path, strerror(errno));
	}
}

void
sockets_keep(const struct sockets *s, size_t pool)
{
	for (size_t i = 0; i < pools_count; i++)
		if (i != pool && s->fd[i] >= 0)
			close(s->fd[i]);
}

void
sockets_close(struct sockets *s)
{
	char path[160];

	for (size_t i = 0; i < pools_count; i++) {
		if (s->fd[i] < 0)
			continue;
		socket_path(s, i, path, sizeof(path));
		if (s->is_own[i])
			unlink(path);
		close(s->fd[i]);
		s->fd[i] = -1;
	}
}

/* Move them aside first: a listener may have the number of another. */
void
sockets_hand_on(const struct sockets *s)
{
	int aside[POOLS_MAX], next = FIRST_HANDED_IN;
	struct buf names;
	char bytes[256], text[16];

	buf_init_fixed(&names, bytes, sizeof(bytes));
	for (size_t i = 0; i < POOLS_MAX; i++)
		aside[i] =
		    s->fd[i] < 0 ? -1 : fcntl(s->fd[i], F_DUPFD_CLOEXEC, ASIDE);
	for (size_t i = 0; i < POOLS_MAX; i++) {
		if (aside[i] < 0)
			continue;
		dup2(aside[i], next);
		buf_printf(&names, "%s%s", next == FIRST_HANDED_IN ? "" : ":",
		    s->is_own[i] ? own_name : other_name);
		next++;
	}
	buf_putc(&names, '\0');
	setenv("LISTEN_FDNAMES", bytes, 1);
	snprintf(text, sizeof(text), "%d", next - FIRST_HANDED_IN);
	setenv("LISTEN_FDS", text, 1);
	snprintf(text, sizeof(text), "%d", (int)getpid());
	setenv("LISTEN_PID", text, 1);
}
