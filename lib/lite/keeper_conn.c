/*
 * Frames of a keeper's connections.
 *
 * A worker has one request at a time on a connection. While one runs, nothing
 * is read from it, and its hanging up ends the request.
 */
#include "lib/lite/keeper_impl.h"

#include "lib/lite/lite.h"
#include "lib/os/clock.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Bytes of an answer that is held back; a larger one does not wait. */
enum { HELD_MAX = 64 * 1024 };

struct conn *
conn_new(struct keeper *k, int fd)
{
	struct conn *c = calloc(1, sizeof(*c));
	struct epoll_event event = { .events = EPOLLIN | EPOLLRDHUP };

	event.data.ptr = c;
	if (!c || epoll_ctl(k->epoll, EPOLL_CTL_ADD, fd, &event) < 0) {
		free(c);
		close(fd);
		return NULL;
	}
	*c = (struct conn){
		.keeper = k,
		.next = k->conns,
		.fd = fd,
		.events = event.events,
		.file = -1,
		.piece = SIZE_MAX,
	};
	k->conns = c;
	return c;
}

void
conn_close(struct conn *c)
{
	if (c->state == CONN_CLOSED)
		return;
	task_end(c);
	close(c->fd);
	c->state = CONN_CLOSED;
}

bool
conn_is_sending(const struct conn *c)
{
	return c->piece == SIZE_MAX && c->sent < c->out.n;
}

static bool
is_reading(const struct conn *c)
{
	return c->state == CONN_OPEN || c->state == CONN_FEEDING ||
	    c->state == CONN_CREDIT;
}

void
conn_watch(struct conn *c)
{
	struct epoll_event event = { .events = EPOLLRDHUP };

	if (c->state == CONN_CLOSED)
		return;
	if (is_reading(c))
		event.events |= EPOLLIN;
	if (conn_is_sending(c))
		event.events |= EPOLLOUT;
	event.data.ptr = c;
	if (event.events == c->events)
		return;
	if (epoll_ctl(c->keeper->epoll, EPOLL_CTL_MOD, c->fd, &event) < 0)
		conn_close(c);
	else
		c->events = event.events;
}

void
conn_goodbye(struct conn *c)
{
	struct frame_head head = { .kind = FRAME_GOODBYE };

	(void)!send(c->fd, &head, sizeof(head), MSG_NOSIGNAL | MSG_DONTWAIT);
	conn_close(c);
}

/* --- Receiving ------------------------------------------------------------ */

/* Memory for the frame's bytes. False: the frame is not a valid one. */
static bool
begin_frame(struct conn *c)
{
	size_t n = c->head.bytes;

	c->frame_bytes = 0;
	switch (c->head.kind) {
	case FRAME_ORDER:
		if (c->state != CONN_OPEN || n < sizeof(c->order) ||
		    n - sizeof(c->order) > KEEPER_BODY_MAX)
			return false;
		c->mem = c->keeper->spare;
		c->keeper->spare = NULL;
		if (!c->mem)
			c->mem = arena_new((size_t)c->keeper->start->memory);
		break;
	case FRAME_ALLOW:
		if (c->state != CONN_CREDIT || n != 1)
			return false;
		break;
	case FRAME_FEED:
		return c->state == CONN_FEEDING;
	default:
		return false;
	}
	c->frame = c->mem ? arena_alloc(c->mem, n) : NULL;
	return c->frame != NULL;
}

static void
end_frame(struct conn *c)
{
	const size_t head = sizeof(c->order);

	c->head_bytes = 0;
	switch (c->head.kind) {
	case FRAME_ORDER:
		memcpy(&c->order, c->frame, head);
		task_begin(c,
		    (struct str){ c->frame + head, c->frame_bytes - head });
		break;
	case FRAME_ALLOW:
		task_allow(c, c->frame[0] != 0);
		break;
	default:
		if (c->head.bytes == 0)
			task_feed_end(c);
		break;
	}
}

/* Takes the next bytes of the frame off the front. */
static void
take_some(struct conn *c, struct str *bytes)
{
	size_t left = c->head.bytes - c->frame_bytes;
	size_t n = bytes->n < left ? bytes->n : left;

	if (c->head.kind == FRAME_FEED)
		task_feed(c, (struct str){ bytes->p, n });
	else if (n)
		memcpy(c->frame + c->frame_bytes, bytes->p, n);
	c->frame_bytes += n;
	bytes->p += n;
	bytes->n -= n;
}

static void
take_head(struct conn *c, struct str *bytes)
{
	size_t left = sizeof(c->head) - c->head_bytes;
	size_t n = bytes->n < left ? bytes->n : left;

	memcpy((char *)&c->head + c->head_bytes, bytes->p, n);
	c->head_bytes += n;
	bytes->p += n;
	bytes->n -= n;
	if (c->head_bytes == sizeof(c->head) && !begin_frame(c))
		conn_close(c);
}

static bool
has_head(const struct conn *c)
{
	return is_reading(c) && c->head_bytes == sizeof(c->head);
}

void
conn_receive(struct conn *c)
{
	char *received = c->keeper->received;
	ssize_t n =
	    recv(c->fd, received, sizeof(c->keeper->received), MSG_DONTWAIT);
	struct str bytes = { received, n > 0 ? (size_t)n : 0 };

	if (n == 0 || (n < 0 && errno != EAGAIN))
		conn_close(c);
	while (bytes.n && is_reading(c)) {
		if (c->head_bytes < sizeof(c->head))
			take_head(c, &bytes);
		if (has_head(c))
			take_some(c, &bytes);
		if (has_head(c) && c->frame_bytes == c->head.bytes)
			end_frame(c);
	}
}

/* --- Sending -------------------------------------------------------------- */

void
conn_add(struct conn *c, enum frame_kind kind, const void *bytes, size_t n)
{
	struct frame_head head = { (uint32_t)kind, (uint32_t)n };

	buf_add(&c->out, &head, sizeof(head));
	buf_add(&c->out, bytes, n);
}

void
conn_open_piece(struct conn *c)
{
	struct frame_head head = { .kind = FRAME_OUTPUT };

	if (c->piece != SIZE_MAX)
		return;
	c->piece = c->out.n;
	buf_add(&c->out, &head, sizeof(head));
}

/* An empty piece is removed. */
void
conn_close_piece(struct conn *c)
{
	struct frame_head head = { .kind = FRAME_OUTPUT };
	size_t begin = c->piece + sizeof(head);

	if (c->piece == SIZE_MAX || c->out.failed)
		return;
	head.bytes = (uint32_t)(c->out.n - begin);
	if (head.bytes)
		memcpy(c->out.p + c->piece, &head, sizeof(head));
	else
		c->out.n = c->piece;
	c->piece = SIZE_MAX;
}

/* The file of an export goes with the first bytes. */
static ssize_t
send_some(struct conn *c)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec io = { c->out.p + c->sent, c->out.n - c->sent };
	struct msghdr message = { .msg_iov = &io, .msg_iovlen = 1 };
	ssize_t n;

	if (c->file < 0 || c->order.kind != KEEPER_EXPORT)
		return send(c->fd, io.iov_base, io.iov_len,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
	message.msg_control = &control;
	message.msg_controllen = sizeof(control);
	control.head = (struct cmsghdr){
		.cmsg_len = CMSG_LEN(sizeof(int)),
		.cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS,
	};
	memcpy(CMSG_DATA(&control.head), &c->file, sizeof(int));
	n = sendmsg(c->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n > 0) {
		close(c->file);
		c->file = -1;
	}
	return n;
}

/* Answers of one turn of the loop wait for the disk together. */
static bool
is_held(struct conn *c)
{
	struct keeper *k = c->keeper;

	if (lite_is_synced())
		return false;
	k->is_holding = true;
	if (c->out.n - c->sent <= HELD_MAX)
		return true;
	keeper_sync(k);
	return false;
}

void
conn_flush(struct conn *c)
{
	if (is_held(c))
		return;
	while (conn_is_sending(c)) {
		ssize_t n = send_some(c);

		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) {
			conn_close(c);
			return;
		}
		c->sent += (size_t)n;
	}
	if (c->piece == SIZE_MAX)
		c->out.n = c->sent = 0;
	if (c->state != CONN_DONE)
		return;
	task_end(c);
	if (c->closes)
		conn_close(c);
	else
		c->state = CONN_OPEN;
}
