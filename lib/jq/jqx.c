/*
 * The worker's side: it chooses zygotes and reads the frames of runs. It never
 * blocks on a socket of a run, and checks every number that it receives.
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
	/* If the kernel has not ended a run by then, stop waiting for it. */
	GRACE_MS = 500,
	SOCKET_TIMEOUT_S = 2,
};

struct zygote {
	int orders; /* -1: none */
	size_t program_bytes;
	uint64_t used;    /* number of its last use */
	bool is_ready;    /* it has compiled its program */
	bool owes_status; /* the status of its last run is unread */
	char program[JQX_PROGRAM_MAX];
};

enum phase { IDLE, COMPILING, RUNNING, ENDED };

struct jqx {
	struct jqx_options opts;
	int spawner; /* -1: it has exited */
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
	char message[JQX_TROUBLE_MAX + 1];

	/* Received bytes; those before `taken` are used. */
	char *received;
	size_t cap, n, taken;
};

/* Spawner and zygotes answer immediately, or are broken. */
static void
set_timeouts(int fd)
{
	struct timeval t = { .tv_sec = SOCKET_TIMEOUT_S };

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
	set_timeouts(spawner);
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

/* A zygote exits when its socket is closed. */
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
	free(j->received);
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

/* The zygote of that program, or the least recently used one. */
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
start_zygote(struct jqx *j, struct zygote *z)
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
	set_timeouts(z->orders);
	return send_all(z->orders, &hello, sizeof(hello)) &&
	    send_all(z->orders, j->program.p, j->program.n);
}

static enum jqx_state
fail(struct jqx *j, enum err e, const char *sentence)
{
	j->phase = ENDED;
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
	    "The program needs more memory than allowed.");
}

static enum jqx_state
fail_broken(struct jqx *j)
{
	return fail(j, E_BAD_REQUEST,
	    "The program uses something that jq cannot do, or nests too"
	    " deeply.");
}

static enum jqx_state
fail_unavailable(struct jqx *j)
{
	return fail(j, E_UNAVAILABLE, "jq is not available; try again.");
}

/* The status of the last run must be read before the next order. */
static bool
read_status(struct zygote *z, int *status)
{
	bool fine = recv(z->orders, status, sizeof(*status), MSG_WAITALL) ==
	    sizeof(*status);

	z->owes_status = false;
	z->is_ready = fine;
	return fine;
}

/*
 * Passes two descriptors to the run that waits in the zygote. If the kernel
 * killed such a run, the zygote has reported it and forked another.
 */
static bool
order_run(struct jqx *j, int data, int leash)
{
	int status;

	if (j->zygote->owes_status && !read_status(j->zygote, &status))
		return false;
	while (recv(j->zygote->orders, &status, sizeof(status), MSG_DONTWAIT) ==
	    sizeof(status))
		continue;
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
		fail(j, E_BAD_REQUEST, "The program must not contain a NUL.");
		return;
	}
	j->zygote = choose_zygote(j);
	j->zygote->used = ++j->uses;
	j->phase = COMPILING;
	if (j->zygote->is_ready ? !start_run(j) : !start_zygote(j, j->zygote))
		fail_unavailable(j);
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

/* --- Receiving ------------------------------------------------------------ */

/* Discards used bytes, and grows the buffer if it is full. */
static bool
make_space(struct jqx *j)
{
	size_t cap = j->cap ? 2 * j->cap : READ_BYTES;
	char *larger;

	if (j->taken)
		memmove(j->received, j->received + j->taken, j->n - j->taken);
	j->n -= j->taken;
	j->taken = 0;
	if (j->n < j->cap)
		return true;
	larger = realloc(j->received, cap);
	if (!larger)
		return false;
	j->received = larger;
	j->cap = cap;
	return true;
}

enum got { GOT_SOME, GOT_NOTHING, GOT_END };

static enum got
read_more(struct jqx *j)
{
	int fd = j->phase == COMPILING ? j->zygote->orders : j->data;
	ssize_t n;

	if (!make_space(j))
		return GOT_END;
	n = recv(fd, j->received + j->n, j->cap - j->n, MSG_DONTWAIT);
	if (n < 0 && errno == EAGAIN)
		return GOT_NOTHING;
	if (n <= 0)
		return GOT_END;
	j->n += (size_t)n;
	return GOT_SOME;
}

/* The next frame, if it is complete. */
static bool
take_frame(struct jqx *j, enum jqx_kind *kind, struct str *text)
{
	struct jqx_frame frame;
	size_t left = j->n - j->taken;

	if (left < sizeof(frame))
		return false;
	memcpy(&frame, j->received + j->taken, sizeof(frame));
	if (left - sizeof(frame) < frame.bytes)
		return false;
	*kind = (enum jqx_kind)frame.kind;
	*text =
	    (struct str){ j->received + j->taken + sizeof(frame), frame.bytes };
	j->taken += sizeof(frame) + frame.bytes;
	return true;
}

static enum jqx_state
fail_with_message(struct jqx *j, struct str message)
{
	size_t n = message.n < JQX_TROUBLE_MAX ? message.n : JQX_TROUBLE_MAX;

	memcpy(j->message, message.p, n);
	j->message[n] = '\0';
	return fail(j, E_BAD_REQUEST, n ? j->message : "The program failed.");
}

static enum jqx_state
handle_frame(struct jqx *j, enum jqx_kind kind, struct str text)
{
	switch (kind) {
	case JQX_SAYS_OUTPUT:
		return JQX_OUTPUT;
	case JQX_SAYS_DONE:
		if (j->phase == RUNNING)
			j->phase = ENDED;
		return JQX_DONE;
	case JQX_SAYS_TROUBLE:
		return fail_with_message(j, text);
	case JQX_SAYS_MEMORY:
		return fail_memory(j);
	case JQX_SAYS_TOO_MUCH:
		return fail(j, E_TOO_LARGE,
		    "The program's output is larger than allowed.");
	}
	return fail_unavailable(j);
}

/* The run ended without a frame: the signal shows why the kernel killed it. */
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

/* Sends as much of the value as the socket takes. */
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
receive(struct jqx *j, struct str *output)
{
	enum jqx_kind kind;
	enum got got = GOT_SOME;

	while (!take_frame(j, &kind, output)) {
		if (got != GOT_SOME)
			return got == GOT_END ? fail_ended(j) : JQX_WAIT;
		if (j->n - j->taken > j->opts.output + JQX_TROUBLE_MAX)
			return fail_unavailable(j);
		got = read_more(j);
	}
	return handle_frame(j, kind, *output);
}

enum jqx_state
jqx_next(struct jqx *j, struct str *output)
{
	enum jqx_state state;

	if (j->phase == ENDED)
		return j->fault == OK ? JQX_DONE : JQX_FAILED;
	if (clock_mono_ns() > jqx_deadline(j))
		return fail_late(j);
	if (j->phase == RUNNING)
		send_value(j);
	state = receive(j, output);
	if (state != JQX_DONE || j->phase != COMPILING)
		return state;
	/* The program is compiled. */
	return start_run(j) ? JQX_WAIT : fail_unavailable(j);
}

enum err
jqx_fault(const struct jqx *j, const char **sentence)
{
	*sentence = j->sentence;
	return j->fault;
}

int
jqx_spawner_socket(const struct jqx *j)
{
	return j->spawner;
}

/* The spawner only answers; anything else that can be read is its end. */
bool
jqx_is_orphaned(const struct jqx *j)
{
	struct pollfd p = { .fd = j->spawner, .events = POLLRDHUP };

	return j->spawner < 0 || poll(&p, 1, 0) > 0;
}

/* Drops a zygote that failed. Closing the leash ends the run. */
void
jqx_end(struct jqx *j)
{
	if (j->zygote && !j->zygote->is_ready)
		drop_zygote(j->zygote);
	close_fd(&j->data);
	close_fd(&j->leash);
	if (j->cap > KEPT_BYTES) {
		free(j->received);
		j->received = NULL;
		j->cap = 0;
	}
	j->zygote = NULL;
	j->phase = IDLE;
}
