/*
 * A keeper: one loop around epoll_wait().
 *
 * It leaves when the spawner asks it to, when it was idle for long, and when
 * the spawner is gone. Before it leaves it says goodbye on every connection, so
 * that a worker whose order crossed with that knows that it was not executed.
 */
#include "lib/lite/keeper_impl.h"

#include "lib/base/panic.h"
#include "lib/lite/lite.h"
#include "lib/os/clock.h"
#include "lib/os/log.h"
#include "lib/os/proc.h"
#include "lib/sandbox/sandbox_keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	CONTROL = 3,
	FOLDER = 4,
	EVENTS = 16,
	/* It frees what it does not need after that time without a request. */
	REST_S = 1,
};

static struct keeper keeper;

static void
note(struct keeper *k, const struct keeper_note *n)
{
	(void)!send(k->start->control, n, sizeof(*n),
	    MSG_NOSIGNAL | MSG_DONTWAIT);
}

void
keeper_log(struct keeper *k, const char *format, ...)
{
	struct keeper_note n = { 0 };
	va_list args;

	va_start(args, format);
	vsnprintf(n.log, sizeof(n.log), format, args);
	va_end(args);
	note(k, &n);
}

/* A broken invariant: the spawner has the log. */
static void
report(const char *where, const char *sentence)
{
	struct keeper_note n = { .is_bug = true };

	snprintf(n.log, sizeof(n.log), "%s: %s", where, sentence);
	note(&keeper, &n);
}

/* --- Leaving -------------------------------------------------------------- */

enum { CONTROL_NOTHING = 0, CONTROL_GONE = -1 };

/* The next byte of the spawner, and the descriptor that came with it, or -1. */
static int
receive_control(struct keeper *k, int *fd)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	char byte = 0;
	struct iovec io = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &io,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(k->start->control, &message,
	    MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	const struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	*fd = -1;
	if (n <= 0)
		return n < 0 && errno == EAGAIN ? CONTROL_NOTHING
						: CONTROL_GONE;
	if (head && head->cmsg_type == SCM_RIGHTS &&
	    head->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(fd, CMSG_DATA(head), sizeof(int));
	return byte;
}

/*
 * After the shutdown the spawner can send no more connections, so that none is
 * lost between the goodbyes and the exit.
 */
static void NORETURN
leave(struct keeper *k)
{
	int fd, byte;

	shutdown(k->start->control, SHUT_RD);
	while ((byte = receive_control(k, &fd)) != CONTROL_NOTHING &&
	    byte != CONTROL_GONE)
		if (fd >= 0)
			(void)!conn_new(k, fd);
	for (struct conn *c = k->conns; c; c = c->next)
		if (c->state != CONN_CLOSED)
			conn_goodbye(c);
	if (k->hrana)
		hrana_close(k->hrana);
	_exit(EXIT_SUCCESS);
}

static void
handle_control(struct keeper *k)
{
	int fd;

	switch (receive_control(k, &fd)) {
	case CONTROL_CONNECTION:
		if (fd >= 0)
			(void)!conn_new(k, fd);
		break;
	case CONTROL_LEAVE:
		k->is_leaving = true;
		break;
	case CONTROL_END:
		k->is_ending = true;
		break;
	case CONTROL_GONE:
		/* The next spawner's keeper waits no longer: hrana_open(). */
		epoll_ctl(k->epoll, EPOLL_CTL_DEL, k->start->control, NULL);
		k->is_leaving = true;
		k->end_ns = clock_mono_ns() + k->start->bounds->lock_ns;
		break;
	default:
		break;
	}
}

/* The orders that have begun are answered; no other one begins. */
static void
end_open(struct keeper *k)
{
	for (struct conn *c = k->conns; c; c = c->next)
		if (c->state == CONN_OPEN)
			conn_goodbye(c);
}

/* --- The loop ------------------------------------------------------------- */

static unsigned
streams(const struct keeper *k)
{
	return k->hrana ? hrana_streams(k->hrana) : 0;
}

/* Without a request, a transaction and a stream. */
static bool
is_idle(const struct keeper *k)
{
	return k->start->slot->busy == 0 && streams(k) == 0;
}

/* The spawner looks at `busy` after it set `is_wanted`. */
static void
tell_busy(struct keeper *k)
{
	struct keeper_slot *slot = k->start->slot;
	unsigned busy =
	    k->active + (k->hrana ? hrana_transactions(k->hrana) : 0);

	if (busy == slot->busy)
		return;
	slot->busy = busy;
	if (busy == 0 && atomic_exchange(&slot->is_wanted, false))
		note(k, &(struct keeper_note){ .is_idle = true });
}

/*
 * When to free what is not needed; 0: never. Not while requests come: it would
 * be needed again.
 */
static int64_t
rest_due(const struct keeper *k)
{
	int64_t used = k->start->slot->used_ns, rested = k->rested_ns;

	if (!is_idle(k) || !k->hrana || (rested >= used && !k->is_untidy))
		return 0;
	return (rested > used ? rested : used) + REST_S * NS_PER_S;
}

/* When something is due; 0: never. */
static int64_t
next_due(const struct keeper *k)
{
	int64_t due =
	    clock_earlier(clock_earlier(k->sweep_ns, k->end_ns), rest_due(k));

	for (const struct conn *c = k->conns; c; c = c->next) {
		if ((c->state == CONN_READY && !conn_is_sending(c)) ||
		    c->state == CONN_SAVING ||
		    (c->state == CONN_QUEUED && !k->saving) ||
		    (c->state == CONN_LOCKED && k->must_retry))
			return 1;
		if (c->state == CONN_LOCKED)
			due = clock_earlier(due, c->retry_ns);
	}
	if (is_idle(k))
		due = clock_earlier(due,
		    k->start->slot->used_ns + k->start->idle_ns);
	return due;
}

static void
handle(struct keeper *k, const struct epoll_event *event)
{
	struct conn *c = event->data.ptr;

	if (!c) {
		handle_control(k);
		return;
	}
	if (c->state != CONN_CLOSED && event->events & EPOLLOUT)
		conn_flush(c);
	if (c->state == CONN_CLOSED)
		return;
	if (event->events & EPOLLIN)
		conn_receive(c);
	else if (event->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		conn_close(c);
}

static void
wait_for_events(struct keeper *k)
{
	struct epoll_event events[EVENTS];
	int64_t due = next_due(k);
	int n =
	    epoll_wait(k->epoll, events, EVENTS, due ? clock_ms_left(due) : -1);

	for (int i = 0; i < n; i++)
		handle(k, &events[i]);
}

void
keeper_sync(struct keeper *k)
{
	if (lite_sync() == OK)
		return;
	keeper_log(k, "the disk failed: commits may be lost");
	_exit(EXIT_FAILURE);
}

void
keeper_send_held(struct keeper *k)
{
	if (!k->is_holding)
		return;
	k->is_holding = false;
	keeper_sync(k);
	for (struct conn *c = k->conns; c; c = c->next)
		if (c->state != CONN_CLOSED && conn_is_sending(c))
			conn_flush(c);
}

/* Each run that can continue does one step, so that none starves another. */
static void
step_runs(struct keeper *k)
{
	bool retry = k->must_retry;
	int64_t now = clock_mono_ns();

	k->must_retry = false;
	for (struct conn *c = k->conns; c; c = c->next) {
		if (c->state == CONN_LOCKED && (retry || now >= c->retry_ns))
			c->state = CONN_READY;
		if (c->state == CONN_READY && !conn_is_sending(c))
			task_step(c);
		if (c->state == CONN_SAVING ||
		    (c->state == CONN_QUEUED && !k->saving))
			task_save(c);
	}
}

static void
watch(struct keeper *k)
{
	for (struct conn *c = k->conns; c; c = c->next)
		conn_watch(c);
}

static void
free_closed(struct keeper *k)
{
	struct conn **at = &k->conns;

	while (*at) {
		struct conn *c = *at;

		if (c->state != CONN_CLOSED) {
			at = &c->next;
			continue;
		}
		*at = c->next;
		free(c);
	}
}

static void
sweep_streams(struct keeper *k)
{
	unsigned had = streams(k);

	k->sweep_ns = had ? hrana_sweep(k->hrana) : 0;
	if (streams(k) < had)
		k->must_retry = true;
}

static void
rest(struct keeper *k)
{
	int64_t due = rest_due(k);

	if (!due || clock_mono_ns() < due)
		return;
	k->is_untidy = hrana_rest(k->hrana);
	k->rested_ns = clock_mono_ns();
}

static bool
may_leave(const struct keeper *k)
{
	const struct keeper_slot *slot = k->start->slot;

	if (k->is_ending)
		return k->active == 0;
	if (k->is_leaving)
		return slot->busy == 0;
	return is_idle(k) &&
	    clock_mono_ns() >= slot->used_ns + k->start->idle_ns;
}

static void NORETURN
serve(struct keeper *k)
{
	for (;;) {
		wait_for_events(k);
		step_runs(k);
		keeper_send_held(k);
		watch(k);
		if (k->end_ns && clock_mono_ns() >= k->end_ns)
			k->is_ending = true;
		if (k->is_ending)
			end_open(k);
		free_closed(k);
		sweep_streams(k);
		tell_busy(k);
		rest(k);
		if (may_leave(k))
			leave(k);
	}
}

/* --- Starting ------------------------------------------------------------- */

/* Keeps the control socket and the folder; the rest was the spawner's. */
static bool
keep_descriptors(struct keeper_start *start)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), high[2];

	log_close();
	high[0] = fcntl(start->control, F_DUPFD_CLOEXEC, FOLDER + 1);
	high[1] = fcntl(start->folder, F_DUPFD_CLOEXEC, FOLDER + 1);
	if (null < 0 || dup2(high[0], CONTROL) < 0 || dup2(high[1], FOLDER) < 0)
		return false;
	for (int i = 0; i < CONTROL; i++)
		dup2(null, i);
	close_range(FOLDER + 1, ~0U, 0);
	start->control = CONTROL;
	start->folder = FOLDER;
	return true;
}

static void
set_signals(void)
{
	static const int ignored[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1,
		SIGUSR2, SIGPIPE, SIGXFSZ };
	sigset_t none;

	for (size_t i = 0; i < ARRAY_LEN(ignored); i++)
		proc_on_signal(ignored[i], SIG_IGN);
	proc_on_signal(SIGCHLD, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

void
keeper_run(const struct keeper_start *given)
{
	static struct keeper_start start;
	struct epoll_event control = { .events = EPOLLIN };
	struct keeper *k = &keeper;
	struct sandbox_keeper_limits limits = { given->memory, given->file };

	start = *given;
	k->start = &start;
	set_signals();
	proc_name("io7-keeper");
	if (!keep_descriptors(&start) || fchdir(FOLDER) < 0)
		_exit(EXIT_FAILURE);
	panic_report_to(report);
	k->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (k->epoll < 0 ||
	    epoll_ctl(k->epoll, EPOLL_CTL_ADD, CONTROL, &control) < 0 ||
	    !sandbox_keeper_enter(FOLDER, &limits, start.filter)) {
		keeper_log(k, "cannot enter its sandbox: %s", strerror(errno));
		_exit(EXIT_FAILURE);
	}
	task_remove_leftovers();
	start.slot->used_ns = clock_mono_ns();
	serve(k);
}
