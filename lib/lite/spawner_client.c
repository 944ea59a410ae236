/*
 * The workers that ask a spawner for keepers.
 *
 * A worker whose keeper cannot be started yet, because another one must end
 * first, waits for its answer for a moment.
 */
#include "lib/lite/spawner_impl.h"

#include "lib/os/clock.h"
#include "lib/os/proc.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WAIT_MS = 1500 };

static void
forget(struct spawner *s, struct client *gone)
{
	struct client **at = &s->clients;

	while (*at != gone)
		at = &(*at)->next;
	*at = gone->next;
	spawner_forget(s, gone->fd);
	free(gone);
}

static bool
is_name(const char name[KEEPER_NAME_MAX + 1])
{
	size_t n = strnlen(name, KEEPER_NAME_MAX + 1);

	return n > 0 && n <= KEEPER_NAME_MAX &&
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

/* --- Answers -------------------------------------------------------------- */

/* A worker that does not read its answer will see the end of the socket. */
static void
answer(struct client *c, enum err fault, int fd)
{
	struct spawner_answer answer = {
		.fault = fault,
		.is_full = c->is_short_of_room,
	};

	c->until_ns = 0;
	c->got = 0;
	if (send(c->fd, &answer, sizeof(answer), MSG_NOSIGNAL) !=
		sizeof(answer) ||
	    (fault == OK && fd >= 0 && !proc_send_fds(c->fd, &fd, 1)))
		shutdown(c->fd, SHUT_RDWR);
	if (fd >= 0)
		close(fd);
}

/* False: not yet. */
static bool
try_open(struct spawner *s, struct client *c)
{
	struct kept *k = kept_find(s, c->ask.name);
	enum err e = OK;
	int fd = -1;

	c->is_short_of_room = !k && s->n_kept >= s->options.keepers;
	if (c->is_short_of_room)
		return false;
	if (!k)
		e = kept_start(s, c->ask.name, c->ask.make);
	if (!k && e == OK)
		k = kept_find(s, c->ask.name);
	if (k && (k->is_dropped || !kept_connect(k, &fd)))
		return false;
	answer(c, e, fd);
	return true;
}

/* SIGKILL is quick, and does no harm: the database is removed. */
static bool
try_drop(struct spawner *s, struct client *c)
{
	struct kept *k = kept_find(s, c->ask.name);

	if (k) {
		k->is_dropped = true;
		kill(k->pid, SIGKILL);
		return false;
	}
	answer(c, kept_remove_folder(s, c->ask.name), -1);
	return true;
}

static bool
try(struct spawner *s, struct client *c)
{
	return c->ask.wish == SPAWNER_DROP ? try_drop(s, c) : try_open(s, c);
}

void
clients_retry(struct spawner *s)
{
	int64_t now = clock_mono_ns();
	size_t rooms = 0;

	for (struct client *c = s->clients; c; c = c->next) {
		if (!c->until_ns || try(s, c))
			continue;
		if (now >= c->until_ns)
			answer(c, E_UNAVAILABLE, -1);
		else
			rooms += !kept_find(s, c->ask.name);
	}
	if (rooms)
		kept_make_room(s, rooms);
}

int64_t
clients_due(const struct spawner *s)
{
	int64_t due = 0;

	for (const struct client *c = s->clients; c; c = c->next)
		if (c->until_ns && (!due || c->until_ns < due))
			due = c->until_ns;
	return due;
}

/* --- Questions ------------------------------------------------------------ */

/* A worker asks one thing at a time. */
static void
on_question(struct spawner *s, struct source *source)
{
	struct client *c = (struct client *)source;
	size_t left = sizeof(c->ask) - c->got;
	ssize_t n = recv(c->fd, (char *)&c->ask + c->got, left ? left : 1,
	    MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0 || left == 0) {
		forget(s, c);
		return;
	}
	c->got += (size_t)n;
	if (c->got < sizeof(c->ask))
		return;
	if (!is_name(c->ask.name)) {
		answer(c, E_BAD_REQUEST, -1);
		return;
	}
	c->is_short_of_room = false;
	c->until_ns = clock_mono_ns() + WAIT_MS * NS_PER_MS;
	clients_retry(s);
}

/* Only processes of io7's user, and root, may open databases. */
static bool
is_trusted(int fd)
{
	struct ucred peer;
	socklen_t n = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 &&
	    (peer.uid == 0 || peer.uid == geteuid());
}

void
clients_accept(struct spawner *s)
{
	int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct client *c = fd < 0 ? NULL : calloc(1, sizeof(*c));

	if (c && is_trusted(fd) && spawner_watch(s, fd, &c->source)) {
		c->source.on_event = on_question;
		c->fd = fd;
		c->next = s->clients;
		s->clients = c;
		return;
	}
	free(c);
	if (fd >= 0)
		close(fd);
}

void
clients_close(struct spawner *s)
{
	while (s->clients)
		forget(s, s->clients);
}
