/*
 * The worker's side: it asks the spawner for a connection to a keeper, keeps
 * it, and sends orders over it. In the common case a request is one write and
 * one read.
 *
 * A keeper that says goodbye has not begun the order: ask the spawner again.
 * One that ends without a goodbye may have executed it.
 */
#include "lib/lite/keepers_impl.h"

#include "lib/base/panic.h"
#include "lib/os/clock.h"
#include "lib/os/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
	/* Longer than the spawner lets a worker wait. */
	SPAWNER_TIMEOUT_S = 4,
	/* A keeper may leave between the spawner's answer and the order. */
	TURNS = 5,
};

struct keepers *
keepers_new(const char *socket)
{
	struct keepers *k = calloc(1, sizeof(*k));

	if (!k)
		die(EXIT_FAILURE, "no memory for keepers");
	k->at.sun_family = AF_UNIX;
	if (strlen(socket) >= sizeof(k->at.sun_path))
		die(EXIT_FAILURE, "%s: the path is too long", socket);
	memcpy(k->at.sun_path, socket, strlen(socket) + 1);
	k->spawner = k->file = -1;
	for (size_t i = 0; i < KEEPERS_KEPT; i++)
		k->kept[i].fd = -1;
	return k;
}

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void
keepers_free(struct keepers *k)
{
	if (!k)
		return;
	keeper_end(k);
	for (size_t i = 0; i < KEEPERS_KEPT; i++)
		close_fd(&k->kept[i].fd);
	close_fd(&k->spawner);
	free(k);
}

enum keeper_state
keepers_fail(struct keepers *k, enum err e, const char *sentence)
{
	k->phase = FAILED;
	k->fault = e;
	k->sentence = sentence;
	return KEEPER_FAILED;
}

bool
keepers_is_late(const struct keepers *k)
{
	return clock_mono_ns() >= k->order->deadline_ns;
}

/* --- The spawner ---------------------------------------------------------- */

static void
set_timeouts(int fd, int64_t ns)
{
	struct timeval t = { ns / NS_PER_S, ns % NS_PER_S / NS_PER_US };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t));
}

static bool
connect_spawner(struct keepers *k)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return false;
	set_timeouts(fd, SPAWNER_TIMEOUT_S * NS_PER_S);
	if (connect(fd, (struct sockaddr *)&k->at, sizeof(k->at)) < 0) {
		close(fd);
		return false;
	}
	k->spawner = fd;
	return true;
}

/* False: the connection is broken. */
static bool
ask_once(struct keepers *k, const struct spawner_ask *ask, enum err *fault,
    int *fd)
{
	struct spawner_answer answer;

	if (k->spawner < 0 && !connect_spawner(k))
		return false;
	if (send(k->spawner, ask, sizeof(*ask), MSG_NOSIGNAL) != sizeof(*ask) ||
	    recv(k->spawner, &answer, sizeof(answer), MSG_WAITALL) !=
		sizeof(answer))
		return false;
	*fault = (enum err)answer.fault;
	if (answer.is_full)
		k->sentence = "This host has too many databases in use to open"
			      " another one. Nothing was executed; try again"
			      " shortly.";
	return *fault != OK || ask->wish == SPAWNER_DROP ||
	    proc_receive_fds(k->spawner, fd, 1);
}

/* A spawner that was replaced has closed its end: the next one answers. */
static enum err
ask_spawner(struct keepers *k, enum spawner_wish wish, int *fd)
{
	struct spawner_ask ask = {
		.wish = (uint32_t)wish,
		.make = k->order->make,
	};
	enum err fault = OK;

	memcpy(ask.name, k->order->name, strlen(k->order->name));
	for (unsigned i = 0; i < TURNS && !keepers_is_late(k); i++) {
		if (ask_once(k, &ask, &fault, fd))
			return fault;
		if (k->spawner < 0)
			break;
		close_fd(&k->spawner);
	}
	return E_UNAVAILABLE;
}

/* --- Connections ---------------------------------------------------------- */

void
keepers_drop_conn(struct keepers *k)
{
	if (k->conn)
		close_fd(&k->conn->fd);
	k->conn = NULL;
}

/* The connection to that keeper, or the least recently used place. */
static struct kept *
find_place(struct keepers *k)
{
	struct kept *least = &k->kept[0];

	for (size_t i = 0; i < KEEPERS_KEPT; i++) {
		struct kept *kept = &k->kept[i];

		if (kept->fd >= 0 && strcmp(kept->name, k->order->name) == 0)
			return kept;
		if (kept->fd < 0 ? least->fd >= 0 || kept->used < least->used
				 : least->fd >= 0 && kept->used < least->used)
			least = kept;
	}
	close_fd(&least->fd);
	return least;
}

static enum err
find_conn(struct keepers *k)
{
	struct kept *place = find_place(k);
	enum err e;
	int fd = -1;

	/* A file cannot be sent again after a goodbye: take a new connection. */
	if (k->order->kind == KEEPER_IMPORT)
		close_fd(&place->fd);
	if (place->fd < 0) {
		e = ask_spawner(k, SPAWNER_OPEN, &fd);
		if (e != OK)
			return e;
		set_timeouts(fd, KEEPERS_TICK_MS * NS_PER_MS);
		memcpy(place->name, k->order->name, strlen(k->order->name) + 1);
		place->fd = fd;
	}
	place->used = ++k->uses;
	k->conn = place;
	return OK;
}

/* --- Sending -------------------------------------------------------------- */

static size_t
order_size(const struct keepers *k)
{
	return sizeof(k->head) + sizeof(k->task) + k->order->body.n;
}

bool
keepers_is_sent(const struct keepers *k)
{
	return k->sent == order_size(k);
}

/* The rest of a part, after `skip` bytes of it and of those before it. */
static struct iovec
rest_of(const void *part, size_t n, size_t *skip)
{
	size_t cut = *skip < n ? *skip : n;

	*skip -= cut;
	return (struct iovec){ (char *)(uintptr_t)part + cut, n - cut };
}

/* Sends as much of the order as the socket takes. False: the keeper is gone. */
bool
keepers_send_order(struct keepers *k)
{
	while (!keepers_is_sent(k)) {
		size_t skip = k->sent;
		struct iovec parts[3];
		struct msghdr message = {
			.msg_iov = parts,
			.msg_iovlen = ARRAY_LEN(parts),
		};
		ssize_t n;

		parts[0] = rest_of(&k->head, sizeof(k->head), &skip);
		parts[1] = rest_of(&k->task, sizeof(k->task), &skip);
		parts[2] = rest_of(k->order->body.p, k->order->body.n, &skip);
		n = sendmsg(k->conn->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0)
			return errno == EAGAIN;
		k->sent += (size_t)n;
	}
	return true;
}

/*
 * Begins the order on a connection, a new one if the kept one is closed. The
 * end of a kept connection shows either here, or as a goodbye.
 */
enum err
keepers_begin_turn(struct keepers *k)
{
	for (;;) {
		enum err e;

		if (k->turns++ == TURNS || keepers_is_late(k))
			return E_UNAVAILABLE;
		e = find_conn(k);
		if (e != OK)
			return e;
		k->sent = k->n = k->taken = 0;
		k->piece = 0;
		k->is_heard = false;
		if (keepers_send_order(k) || k->sent > 0)
			return OK;
		keepers_drop_conn(k);
	}
}

static enum err
drop_database(struct keepers *k)
{
	struct kept *kept = find_place(k);
	enum err e = ask_spawner(k, SPAWNER_DROP, NULL);

	close_fd(&kept->fd);
	if (e == OK)
		k->phase = DONE;
	return e;
}

enum err
keeper_begin(struct keepers *k, const struct keeper_order *order)
{
	enum err e;

	k->order = order;
	k->phase = RUNNING;
	k->fault = OK;
	k->sentence = NULL;
	k->turns = 0;
	k->result = (struct keeper_result){ 0 };
	if (strlen(order->name) > KEEPER_NAME_MAX ||
	    order->body.n > KEEPER_BODY_MAX)
		e = E_TOO_LARGE;
	else if (order->kind == KEEPER_DROP)
		e = drop_database(k);
	else {
		k->task = (struct frame_order){
			.kind = order->kind,
			.version = order->version,
			.size_max = order->size_max,
			.make = order->make,
			.may_write = order->may_write,
		};
		k->head.kind = FRAME_ORDER;
		k->head.bytes = (uint32_t)(sizeof(k->task) + order->body.n);
		e = keepers_begin_turn(k);
	}
	if (e != OK)
		keepers_fail(k, e, k->sentence);
	return e;
}

/* --- During a call -------------------------------------------------------- */

void
keeper_allow(struct keepers *k, bool may)
{
	struct frame_head head = { FRAME_ALLOW, 1 };
	char frame[sizeof(head) + 1];

	memcpy(frame, &head, sizeof(head));
	frame[sizeof(head)] = may;
	/* If the keeper is gone, the next read says so. */
	(void)!send(k->conn->fd, frame, sizeof(frame),
	    MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Why no more of a file can be sent: the keeper's fault, if it has sent one. */
static enum err
feed_fault(struct keepers *k)
{
	struct str piece;

	if (k->phase == RUNNING)
		(void)!keeper_next(k, &piece);
	if (k->phase == RUNNING)
		keepers_fail_gone(k);
	return k->phase == FAILED ? k->fault : E_INTERNAL;
}

static enum err
send_all(struct keepers *k, const void *bytes, size_t n)
{
	const char *p = bytes;

	while (n) {
		struct pollfd out = { .fd = k->conn->fd, .events = POLLOUT };
		ssize_t put = send(out.fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (put < 0 && errno != EAGAIN)
			return feed_fault(k);
		if (put < 0 && keepers_is_late(k)) {
			keepers_fail_late(k);
			return E_TIMEOUT;
		}
		if (put < 0) {
			poll(&out, 1, clock_ms_left(k->order->deadline_ns));
			continue;
		}
		p += put;
		n -= (size_t)put;
	}
	return OK;
}

/* An order to import has no body, so that it was sent at once. */
enum err
keeper_feed(struct keepers *k, struct str piece)
{
	struct frame_head head = { FRAME_FEED, (uint32_t)piece.n };
	enum err e;

	if (k->phase != RUNNING)
		return feed_fault(k);
	k->is_heard = true;
	e = send_all(k, &head, sizeof(head));
	return e == OK ? send_all(k, piece.p, piece.n) : e;
}

int
keeper_file(struct keepers *k)
{
	int fd = k->file;

	k->file = -1;
	return fd;
}

const struct keeper_result *
keeper_result(const struct keepers *k)
{
	return &k->result;
}

enum err
keeper_fault(const struct keepers *k, const char **sentence)
{
	*sentence = k->sentence;
	return k->fault;
}

/* The keeper interrupts a statement whose connection is closed. */
void
keeper_end(struct keepers *k)
{
	if (k->phase == RUNNING)
		keepers_drop_conn(k);
	close_fd(&k->file);
	k->conn = NULL;
	k->phase = IDLE;
}
