/*
 * The answer of a keeper: its frames, and waiting for them.
 */
#include "lib/lite/keepers_impl.h"

#include "lib/os/clock.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

static enum keeper_state
handle_fault(struct keepers *k, struct str bytes)
{
	int32_t fault = E_INTERNAL;
	size_t n;

	if (bytes.n < sizeof(fault))
		return keepers_fail(k, E_INTERNAL, NULL);
	memcpy(&fault, bytes.p, sizeof(fault));
	n = bytes.n - sizeof(fault);
	if (n >= sizeof(k->text))
		n = sizeof(k->text) - 1;
	memcpy(k->text, bytes.p + sizeof(fault), n);
	k->text[n] = '\0';
	if (fault <= OK || fault >= ERR_COUNT)
		fault = E_INTERNAL;
	/* The keeper closes the connection after a failed import. */
	if (k->order->kind == KEEPER_IMPORT)
		keepers_drop_conn(k);
	return keepers_fail(k, (enum err)fault, n ? k->text : NULL);
}

/* The keeper has not begun the order: another one will. */
static enum keeper_state
handle_goodbye(struct keepers *k)
{
	enum err e;

	keepers_drop_conn(k);
	if (k->is_heard)
		return keepers_fail(k, E_UNAVAILABLE, NULL);
	e = keepers_begin_turn(k);
	return e == OK ? KEEPER_WAIT : keepers_fail(k, e, k->sentence);
}

static enum keeper_state
handle_frame(struct keepers *k, enum frame_kind kind, struct str bytes)
{
	switch (kind) {
	case FRAME_CREDIT:
		return KEEPER_CREDIT;
	case FRAME_DONE:
		if (bytes.n != sizeof(k->result))
			break;
		memcpy(&k->result, bytes.p, sizeof(k->result));
		k->phase = DONE;
		return KEEPER_DONE;
	case FRAME_FAULT:
		return handle_fault(k, bytes);
	case FRAME_GOODBYE:
		return handle_goodbye(k);
	default:
		break;
	}
	keepers_drop_conn(k);
	return keepers_fail(k, E_INTERNAL, NULL);
}

/* The bytes of a frame of output so far; the frame may be large. */
static enum keeper_state
take_output(struct keepers *k, struct str *piece)
{
	size_t n = k->n - k->taken;

	if (n > k->piece)
		n = k->piece;
	*piece = (struct str){ k->received + k->taken, n };
	k->taken += n;
	k->piece -= (uint32_t)n;
	return KEEPER_OUTPUT;
}

/* The next event among the received bytes; KEEPER_WAIT: more are needed. */
static enum keeper_state
take(struct keepers *k, struct str *piece)
{
	struct frame_head head;
	struct str bytes;

	if (k->piece && k->taken < k->n)
		return take_output(k, piece);
	if (k->piece || k->n - k->taken < sizeof(head))
		return KEEPER_WAIT;
	memcpy(&head, k->received + k->taken, sizeof(head));
	if (head.kind == FRAME_OUTPUT && head.bytes) {
		k->taken += sizeof(head);
		k->piece = head.bytes;
		k->is_heard = true;
		return k->taken < k->n ? take_output(k, piece) : KEEPER_WAIT;
	}
	if (head.bytes > KEEPERS_READ - sizeof(head)) {
		keepers_drop_conn(k);
		return keepers_fail(k, E_INTERNAL, NULL);
	}
	if (k->n - k->taken - sizeof(head) < head.bytes)
		return KEEPER_WAIT;
	bytes =
	    (struct str){ k->received + k->taken + sizeof(head), head.bytes };
	k->taken += sizeof(head) + head.bytes;
	if (head.kind != FRAME_GOODBYE)
		k->is_heard = true;
	return handle_frame(k, (enum frame_kind)head.kind, bytes);
}

enum got { GOT_SOME, GOT_NOTHING, GOT_END };

/*
 * Keeps the last descriptor that came. A keeper that an attacker controls may send
 * any number: none may stay open.
 */
static void
take_files(struct keepers *k, struct msghdr *message)
{
	const struct cmsghdr *head = CMSG_FIRSTHDR(message);
	size_t n = head && head->cmsg_type == SCM_RIGHTS
	    ? (head->cmsg_len - CMSG_LEN(0)) / sizeof(int)
	    : 0;

	for (size_t i = 0; i < n; i++) {
		if (k->file >= 0)
			close(k->file);
		memcpy(&k->file, CMSG_DATA(head) + i * sizeof(int),
		    sizeof(int));
	}
}

/* An export's file comes with the bytes of its last frame. */
static enum got
receive(struct keepers *k, int flags)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec io;
	struct msghdr message = {
		.msg_iov = &io,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n;

	memmove(k->received, k->received + k->taken, k->n - k->taken);
	k->n -= k->taken;
	k->taken = 0;
	io = (struct iovec){ k->received + k->n, KEEPERS_READ - k->n };
	n = recvmsg(k->conn->fd, &message, flags | MSG_CMSG_CLOEXEC);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return GOT_NOTHING;
	if (n <= 0)
		return GOT_END;
	take_files(k, &message);
	k->n += (size_t)n;
	return GOT_SOME;
}

enum keeper_state
keepers_fail_gone(struct keepers *k)
{
	keepers_drop_conn(k);
	return keepers_fail(k, E_UNAVAILABLE,
	    "The database's process has exited; the outcome is unknown.");
}

enum keeper_state
keepers_fail_late(struct keepers *k)
{
	keepers_drop_conn(k);
	return keepers_fail(k, E_TIMEOUT, NULL);
}

/* A read without poll(), which waits for KEEPERS_TICK_MS: the common case. */
static enum got
wait_for_more(struct keepers *k)
{
	struct pollfd p = keeper_poll(k);
	int64_t left = k->order->deadline_ns - clock_mono_ns();

	if (keepers_is_sent(k) && left > KEEPERS_TICK_MS * NS_PER_MS)
		return receive(k, 0);
	poll(&p, 1, clock_ms_left(k->order->deadline_ns));
	return receive(k, MSG_DONTWAIT);
}

static enum keeper_state
advance(struct keepers *k, struct str *piece, bool waits)
{
	enum keeper_state state;

	if (k->phase != RUNNING)
		return k->phase == DONE ? KEEPER_DONE : KEEPER_FAILED;
	while ((state = take(k, piece)) == KEEPER_WAIT) {
		/* A keeper that is gone may have said goodbye before. */
		(void)!keepers_send_order(k);
		switch (waits ? wait_for_more(k) : receive(k, MSG_DONTWAIT)) {
		case GOT_SOME:
			break;
		case GOT_NOTHING:
			if (keepers_is_late(k))
				return keepers_fail_late(k);
			if (!waits)
				return KEEPER_WAIT;
			break;
		case GOT_END:
			return keepers_fail_gone(k);
		}
	}
	return state;
}

enum keeper_state
keeper_next(struct keepers *k, struct str *piece)
{
	return advance(k, piece, false);
}

enum keeper_state
keeper_wait(struct keepers *k, struct str *piece)
{
	return advance(k, piece, true);
}

struct pollfd
keeper_poll(const struct keepers *k)
{
	return (struct pollfd){
		.fd = k->conn ? k->conn->fd : -1,
		.events = keepers_is_sent(k) ? POLLIN : POLLIN | POLLOUT,
	};
}
