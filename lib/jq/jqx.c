/*
 * The side of the worker: which program has a zygote, and what a run says. It
 * only ever reads and writes sockets, never waits for one, and believes no
 * number that comes over them.
 */
#include "lib/jq/jqx_impl.h"

#include "lib/base/panic.h"
#include "lib/os/clock.h"
#include "lib/os/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	READ_BYTES = 64 * 1024,
	KEPT_BYTES = 1024 * 1024,
	/* The kernel ends a run in time; past this we do not rely on it. */
	GRACE_MS = 500,
	PATIENCE_S = 2,
};

struct zygote {
	int orders; /* -1: none */
	size_t program_bytes;
	uint64_t used;    /* the higher, the later */
	bool is_ready;    /* it has compiled its program */
	bool owes_status; /* of its last run */
	char program[JQX_PROGRAM_MAX];
};

enum phase { IDLE, COMPILING, RUNNING, OVER };

struct jqx {
	struct jqx_options opts;
	int spawner; /* -1: it has gone */
	uint64_t uses;
	struct zygote *zygotes;

	/* The run. */
	enum phase phase;
	struct zygote *zygote;
	struct str program, value;
	struct jqx_task task;
	uint64_t sent; /* bytes of the task and its value */
	int data, leash;
	int64_t began_ns;
	enum err fault;
	const char *sentence;
	char words[JQX_TROUBLE_MAX + 1];

	/* What was read: the part from `taken` on is still to be looked at. */
	char *room;
	size_t cap, n, taken;
};

/* Our own processes answer at once, or not at all. */
static void
be_impatient(int fd)
{
	struct timeval t = { .tv_sec = PATIENCE_S };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t));
}

struct jqx *
jqx_new(int spawner, const struct jqx_options *opts)
{
	struct jqx *j = calloc(1, sizeof(*j));

	if (j)
		j->zygotes = calloc(opts->programs, sizeof(*j->zygotes));
	if (!j || !j->zygotes)
		die(EXIT_FAILURE, "no memory for jq");
	j->opts = *opts;
	j->spawner = spawner;
	be_impatient(spawner);
	j->data = j->leash = -1;
	for (size_t i = 0; i < opts->programs; i++)
		j->zygotes[i].orders = -1;
	return j;
}

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* It ends when nobody is there to give it orders. */
static void
drop_zygote(struct zygote *z)
{
	close_fd(&z->orders);
	z->is_ready = z->owes_status = false;
	z->used = 0;
}

void
jqx_free(struct jqx *j)
{
	if (!j)
		return;
	jqx_end(j);
	for (size_t i = 0; i < j->opts.programs; i++)
		drop_zygote(&j->zygotes[i]);
	close_fd(&j->spawner);
	free(j->zygotes);
	free(j->room);
	free(j);
}

static bool
is_late(const struct jqx *j)
{
	return clock_mono_ns() - j->began_ns >= j->opts.wall_ns;
}

static bool
is_sent(const struct jqx *j)
{
	return j->sent == sizeof(j->task) + j->value.n;
}

static bool
send_all(int fd, const void *p, size_t n)
{
	return send(fd, p, n, MSG_NOSIGNAL) == (ssize_t)n;
}

/* The one of that program, or the place of the one that is missed least. */
static struct zygote *
choose_zygote(struct jqx *j)
{
	struct zygote *least = j->zygotes;

	for (size_t i = 0; i < j->opts.programs; i++) {
		struct zygote *z = &j->zygotes[i];

		if (z->is_ready &&
		    str_eq((struct str){ z->program, z->program_bytes },
			j->program))
			return z;
		if (z->used < least->used)
			least = z;
	}
	drop_zygote(least);
	return least;
}

static bool
hatch(struct jqx *j, struct zygote *z)
{
	struct jqx_hello hello = {
		.wall_ns = j->opts.wall_ns,
		.memory = j->opts.memory,
		.output = j->opts.output,
		.program_bytes = j->program.n,
	};

	memcpy(z->program, j->program.p, j->program.n);
	z->program_bytes = j->program.n;
	if (j->spawner < 0 || !send_all(j->spawner, "z", 1) ||
	    !proc_receive_fds(j->spawner, &z->orders, 1)) {
		close_fd(&j->spawner);
		return false;
	}
	be_impatient(z->orders);
	return send_all(z->orders, &hello, sizeof(hello)) &&
	    send_all(z->orders, j->program.p, j->program.n);
}

static enum jqx_state
fail(struct jqx *j, enum err e, const char *sentence)
{
	j->phase = OVER;
	j->fault = e;
	j->sentence = sentence;
	return JQX_FAILED;
}

static enum jqx_state
fail_late(struct jqx *j)
{
	return fail(j, E_TIMEOUT, "The program took too long.");
}

static enum jqx_state
fail_memory(struct jqx *j)
{
	return fail(j, E_TOO_LARGE,
	    "The program needed more memory than it may have.");
}

static enum jqx_state
fail_broken(struct jqx *j)
{
	return fail(j, E_BAD_REQUEST,
	    "The program asks for something that jq cannot do, or nests too"
	    " deep.");
}

static enum jqx_state
fail_away(struct jqx *j)
{
	return fail(j, E_UNAVAILABLE, "jq is not available; try again.");
}

/* How its last run ended; it has to be read before the next is ordered. */
static bool
read_status(struct zygote *z, int *status)
{
	bool fine = recv(z->orders, status, sizeof(*status), MSG_WAITALL) ==
	    sizeof(*status);

	z->owes_status = false;
	z->is_ready = fine;
	return fine;
}

/* Hands the zygote two descriptors, from which it forks a run. */
static bool
order_run(struct jqx *j, int data, int leash)
{
	int status;

	if (j->zygote->owes_status && !read_status(j->zygote, &status))
		return false;
	j->zygote->owes_status = true;
	return proc_send_fds(j->zygote->orders, (int[]){ data, leash }, 2);
}

static bool
start_run(struct jqx *j)
{
	int data[2], leash[2];
	bool fine;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, data) < 0)
		return false;
	if (pipe2(leash, O_CLOEXEC) < 0) {
		close(data[0]);
		close(data[1]);
		return false;
	}
	fine = order_run(j, data[1], leash[0]);
	close(data[1]);
	close(leash[0]);
	j->data = data[0];
	j->leash = leash[1];
	j->phase = RUNNING;
	j->zygote->is_ready = fine;
	j->began_ns = clock_mono_ns();
	j->task.value_bytes = j->value.n;
	j->sent = 0;
	return fine;
}

void
jqx_begin(struct jqx *j, struct str program, struct str value)
{
	j->program = program;
	j->value = value;
	j->n = j->taken = 0;
	j->began_ns = clock_mono_ns();
	j->fault = OK;
	j->zygote = NULL;
	if (program.n > JQX_PROGRAM_MAX) {
		fail(j, E_TOO_LARGE, "The program is too long.");
		return;
	}
	if (memchr(program.p, '\0', program.n)) {
		fail(j, E_BAD_REQUEST, "A program holds no NUL.");
		return;
	}
	j->zygote = choose_zygote(j);
	j->zygote->used = ++j->uses;
	j->phase = COMPILING;
	if (j->zygote->is_ready ? !start_run(j) : !hatch(j, j->zygote))
		fail_away(j);
}

struct pollfd
jqx_poll(const struct jqx *j)
{
	if (j->phase == COMPILING)
		return (
		    struct pollfd){ .fd = j->zygote->orders, .events = POLLIN };
	return (struct pollfd){ .fd = j->data,
		.events = is_sent(j) ? POLLIN : POLLIN | POLLOUT };
}

int64_t
jqx_deadline(const struct jqx *j)
{
	return j->began_ns + j->opts.wall_ns + GRACE_MS * NS_PER_MS;
}

/* --- What was said. ------------------------------------------------------- */

/* What was looked at makes room for what comes. */
static bool
make_room(struct jqx *j)
{
	size_t cap = j->cap ? 2 * j->cap : READ_BYTES;
	char *room;

	if (j->taken)
		memmove(j->room, j->room + j->taken, j->n - j->taken);
	j->n -= j->taken;
	j->taken = 0;
	if (j->n < j->cap)
		return true;
	room = realloc(j->room, cap);
	if (!room)
		return false;
	j->room = room;
	j->cap = cap;
	return true;
}

enum got { GOT_SOME, GOT_NOTHING, GOT_END };

static enum got
read_more(struct jqx *j)
{
	int fd = j->phase == COMPILING ? j->zygote->orders : j->data;
	ssize_t n;

	if (!make_room(j))
		return GOT_END;
	n = recv(fd, j->room + j->n, j->cap - j->n, MSG_DONTWAIT);
	if (n < 0 && errno == EAGAIN)
		return GOT_NOTHING;
	if (n <= 0)
		return GOT_END;
	j->n += (size_t)n;
	return GOT_SOME;
}

/* A frame that is there as a whole. */
static bool
take_frame(struct jqx *j, enum jqx_kind *kind, struct str *text)
{
	struct jqx_frame frame;
	size_t left = j->n - j->taken;

	if (left < sizeof(frame))
		return false;
	memcpy(&frame, j->room + j->taken, sizeof(frame));
	if (left - sizeof(frame) < frame.bytes)
		return false;
	*kind = (enum jqx_kind)frame.kind;
	*text = (struct str){ j->room + j->taken + sizeof(frame), frame.bytes };
	j->taken += sizeof(frame) + frame.bytes;
	return true;
}

static enum jqx_state
fail_saying(struct jqx *j, struct str words)
{
	size_t n = words.n < JQX_TROUBLE_MAX ? words.n : JQX_TROUBLE_MAX;

	memcpy(j->words, words.p, n);
	j->words[n] = '\0';
	return fail(j, E_BAD_REQUEST, n ? j->words : "The program failed.");
}

static enum jqx_state
hear_frame(struct jqx *j, enum jqx_kind kind, struct str text)
{
	switch (kind) {
	case JQX_SAYS_OUTPUT:
		return JQX_OUTPUT;
	case JQX_SAYS_DONE:
		if (j->phase == RUNNING)
			j->phase = OVER;
		return JQX_DONE;
	case JQX_SAYS_TROUBLE:
		return fail_saying(j, text);
	case JQX_SAYS_MEMORY:
		return fail_memory(j);
	case JQX_SAYS_TOO_MUCH:
		return fail(j, E_TOO_LARGE,
		    "The program's output is larger than allowed.");
	}
	return fail_away(j);
}

/* It ended without a word: by the kernel's hand, whose reason is a signal. */
static enum jqx_state
fail_ended(struct jqx *j)
{
	int status = 0;

	close_fd(&j->data);
	if (j->phase == COMPILING || !read_status(j->zygote, &status))
		return is_late(j) ? fail_late(j) : fail_broken(j);
	if (WIFSIGNALED(status) &&
	    (WTERMSIG(status) == SIGALRM || WTERMSIG(status) == SIGXCPU))
		return fail_late(j);
	return fail_broken(j);
}

/* The value goes over as fast as the run takes it. */
static void
send_value(struct jqx *j)
{
	const size_t head = sizeof(j->task);
	ssize_t n = 1;

	while (n > 0 && !is_sent(j)) {
		n = j->sent < head
		    ? send(j->data, (char *)&j->task + j->sent, head - j->sent,
			  MSG_NOSIGNAL | MSG_DONTWAIT)
		    : send(j->data, j->value.p + (j->sent - head),
			  j->value.n - (j->sent - head),
			  MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n > 0)
			j->sent += (uint64_t)n;
	}
}

static enum jqx_state
hear(struct jqx *j, struct str *output)
{
	enum jqx_kind kind;
	enum got got = GOT_SOME;

	while (!take_frame(j, &kind, output)) {
		if (got != GOT_SOME)
			return got == GOT_END ? fail_ended(j) : JQX_WAIT;
		if (j->n - j->taken > j->opts.output + JQX_TROUBLE_MAX)
			return fail_away(j);
		got = read_more(j);
	}
	return hear_frame(j, kind, *output);
}

enum jqx_state
jqx_next(struct jqx *j, struct str *output)
{
	enum jqx_state state;

	if (j->phase == OVER)
		return j->fault == OK ? JQX_DONE : JQX_FAILED;
	if (clock_mono_ns() > jqx_deadline(j))
		return fail_late(j);
	if (j->phase == RUNNING)
		send_value(j);
	state = hear(j, output);
	if (state != JQX_DONE || j->phase != COMPILING)
		return state;
	/* The program is compiled. */
	return start_run(j) ? JQX_WAIT : fail_away(j);
}

enum err
jqx_fault(const struct jqx *j, const char **sentence)
{
	*sentence = j->sentence;
	return j->fault;
}

int
jqx_nursery_socket(const struct jqx *j)
{
	return j->spawner;
}

/* It speaks only when it is spoken to: what else there is is its end. */
bool
jqx_is_orphaned(const struct jqx *j)
{
	struct pollfd p = { .fd = j->spawner, .events = POLLRDHUP };

	return j->spawner < 0 || poll(&p, 1, 0) > 0;
}

/* A zygote that is of no more use ends; a run ends with its leash. */
void
jqx_end(struct jqx *j)
{
	if (j->zygote && !j->zygote->is_ready)
		drop_zygote(j->zygote);
	close_fd(&j->data);
	close_fd(&j->leash);
	if (j->cap > KEPT_BYTES) {
		free(j->room);
		j->room = NULL;
		j->cap = 0;
	}
	j->zygote = NULL;
	j->phase = IDLE;
}
