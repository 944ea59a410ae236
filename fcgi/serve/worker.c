/*
 * The worker: accept, read, route, gate, handler, answer, count, reset.
 *
 * It accepts connections itself and passes them to libfcgi. libfcgi's own
 * accept can miss a signal between checking its stop flag and the call, and has
 * no deadline for a client that connects and sends nothing.
 */
#include "fcgi/serve/worker.h"

#include "fcgi/db/db.h"
#include "fcgi/gate/gate.h"
#include "fcgi/http/resp.h"
#include "fcgi/options.h"
#include "fcgi/rooms.h"
#include "lib/base/panic.h"
#include "lib/crypto/crypt.h"
#include "lib/os/clock.h"
#include "lib/os/log.h"
#include "lib/os/proc.h"
#include "lib/shm/scoreboard.h"

#include <fcgiapp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	ROOMS_KEPT = 16,
	/* The worker checks at these intervals whether it must be replaced. */
	CHECK_S = 60,
	CHECK_REQUESTS = 100,
	/* The longest time that a line of the log waits for others. */
	LOG_DELAY_MS = 100,
};

struct worker {
	const struct process *process;
	struct service service;
	struct arena *mem;
	FCGX_Request io;
	uint64_t served, enough; /* requests; 0: never enough */
	int64_t check_ns;
	int64_t log_ns; /* when the log is written; 0: no line waits */
	const struct room_process *rooms[ROOMS_KEPT];
	size_t n_rooms;
	bool began_whole; /* all rooms could be served from the start */
	bool is_done;
};

/* Subtracts up to a quarter at random, so that workers do not end together. */
static uint64_t
enough_requests(uint64_t n)
{
	uint64_t random;

	if (n < 4 || !crypt_random(&random, sizeof(random)))
		return n;
	return n - random % (n / 4 + 1);
}

static bool
is_served(const struct route *route, const struct pool *pool)
{
	return route->pool ? route->pool == pool
			   : pool == &live_pool || pool == &test_pool;
}

/* The rooms that have a route in this pool and keep something in a process. */
static void
find_rooms(struct worker *w)
{
	for (size_t i = 0; i < rooms_count; i++) {
		const struct room *room = rooms[i];
		bool serves = false;

		for (size_t n = 0; n < room->routes.n; n++)
			serves = serves ||
			    is_served(&room->routes.rows[n], w->process->pool);
		if (!serves || !room->process)
			continue;
		if (w->n_rooms == ARRAY_LEN(w->rooms))
			BUG("more than %zu rooms in a pool", w->n_rooms);
		w->rooms[w->n_rooms++] = room->process;
	}
}

/* Why the worker cannot serve one of its rooms any more; NULL: it can. */
static const char *
lost_room(const struct worker *w)
{
	const char *why = NULL;

	for (size_t i = 0; i < w->n_rooms && !why; i++)
		why = w->rooms[i]->lost();
	return why;
}

static void
open_worker(struct worker *w, const struct process *process)
{
	*w = (struct worker){ .process = process };
	find_rooms(w);
	for (size_t i = 0; i < w->n_rooms; i++)
		w->rooms[i]->open(process->conf);
	/* Installs handlers of SIGTERM and others, even if they are ignored. */
	FCGX_Init();
	process_begin(process);
	w->enough = enough_requests(process->opts->worker_requests);
	w->mem = arena_must_new((size_t)process->opts->request_memory);
	w->service = process_service(process);
	w->began_whole = !lost_room(w);
	/* No listener: libfcgi has nothing to accept from. */
	FCGX_InitRequest(&w->io, -1, 0);
}

static void
close_worker(struct worker *w)
{
	FCGX_Free(&w->io, 1);
	for (size_t i = 0; i < w->n_rooms; i++)
		w->rooms[i]->close();
	while (wait(NULL) > 0)
		continue;
	db_free(w->service.db);
	arena_free(w->mem);
}

/* nginx sends an id with each request; another FastCGI client may not. */
static struct str
own_id(struct arena *mem, struct str given)
{
	unsigned char random[16];
	char text[2 * sizeof(random)];

	if (given.n == 0 || given.n > 64) {
		if (!crypt_random(random, sizeof(random)))
			return STR("unknown");
		crypt_hex(random, sizeof(random), text);
		given = (struct str){ text, sizeof(text) };
	}

	const char *copy = arena_copy(mem, given.p, given.n);

	return copy ? (struct str){ copy, given.n } : STR("unknown");
}

/* nginx's "1700000000.123" in milliseconds; 0: another text. */
static int64_t
began_ms(struct str text)
{
	struct str seconds;
	uint64_t s, ms;

	if (!str_split(&text, '.', &seconds) || text.n != 3 ||
	    !str_to_u64(seconds, &s) || !str_to_u64(text, &ms) ||
	    s > UINT32_MAX)
		return 0;
	return (int64_t)(s * 1000 + ms);
}

/* Reject requests that waited longer than IO7_QUEUE_TIMEOUT. */
static enum err
refuse_late(struct req *r)
{
	int64_t began = began_ms(req_param(r, "IO7_BEGAN"));
	int64_t waited = clock_machine_us() / 1000 - began;

	if (!began || waited * NS_PER_MS <= r->service->opts->queue_timeout)
		return OK;
	return fail(r, E_UNAVAILABLE, "waited %lld ms for a worker",
	    (long long)waited);
}

static enum err
handle(struct req *r)
{
	enum err e = req_open(r);

	r->id = own_id(r->mem, r->id);
	if (e == OK)
		e = refuse_late(r);
	if (e != OK)
		return e;
	e = req_find_route(r);
	if (e != OK)
		return e;
	scoreboard_enter(r->slot, STAGE_READING, route_index(r->route));
	e = gate_pass(r);
	if (e != OK)
		return e;
	if (r->answer.status)
		return OK;
	scoreboard_enter(r->slot, STAGE_WORKING, route_index(r->route));
	return r->route->handle(r);
}

static void
log_request(const struct req *r, int status, int64_t micros)
{
	struct log_line l;

	log_begin(&l, status >= 500 ? LOG_WARN : LOG_INFO, "request");
	log_str(&l, "id", r->id);
	if (r->route) {
		log_text(&l, "method", method_name(r->route->method));
		log_text(&l, "route", r->route->path);
	}
	log_int(&l, "status", status);
	log_int(&l, "us", micros);
	if (r->fault.err != OK)
		log_text(&l, "error", err_code(r->fault.err));
	if (r->fault.detail)
		log_text(&l, "detail", r->fault.detail);
	log_end(&l);
}

static void
count_request(const struct req *r, int status, int64_t micros)
{
	scoreboard_count(r->slot,
	    &(struct scoreboard_request){
		.status = status,
		.route = route_index(r->route),
		.micros = (uint64_t)micros,
		.bytes_in = r->body.n,
		.bytes_out = r->bytes_out,
	    });
}

/*
 * The record that ends the input is left. nginx sends it with the rest, so that
 * libfcgi has it in its buffer and asks the kernel for nothing.
 */
static bool
is_read_to_end(const struct req *r)
{
	char extra;

	return r->body_read == r->content_length &&
	    FCGX_GetStr(&extra, 1, r->io->in) == 0 &&
	    FCGX_GetError(r->io->in) == 0;
}

/*
 * If input is left when a socket is closed, the kernel resets the connection,
 * and nginx may lose the answer. So libfcgi reads the rest first, which takes
 * three system calls; usually there is none.
 */
static void
close_connection(const struct req *r)
{
	FCGX_Request *io = r->io;
	bool is_read = is_read_to_end(r);
	int fd = io->ipcFd;

	FCGX_Free(io, !is_read);
	if (!is_read)
		return;
	close(fd);
	io->ipcFd = -1;
}

/*
 * Note the usage before the answer is sent, so that no answer is free. The
 * scoreboard counts after it.
 */
static void
serve_request(struct worker *w)
{
	struct gate gate = { 0 };
	struct req r = {
		.io = &w->io,
		.mem = w->mem,
		.service = &w->service,
		.slot = w->process->slot,
		.gate = &gate,
	};
	enum err e = handle(&r);

	scoreboard_enter(r.slot, STAGE_WRITING, route_index(r.route));
	gate_leave(&r, resp_settle(&r, e));
	resp_send(&r);

	int status = resp_close(&r) ? r.answer.status : 0;

	int64_t micros = (clock_mono_ns() - r.began_ns) / NS_PER_US;

	log_request(&r, status, micros);
	count_request(&r, status, micros);
	close_connection(&r);
}

static void
set_timeouts(int fd, int64_t ns)
{
	struct timeval t = {
		.tv_sec = ns / NS_PER_S,
		.tv_usec = ns % NS_PER_S / NS_PER_US,
	};

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t));
}

/*
 * With keepConnection set, libfcgi treats ipcFd as a connection that it kept,
 * and reads the next request from it instead of accepting one.
 */
static void
serve_connection(struct worker *w, int fd)
{
	set_timeouts(fd, w->process->opts->read_timeout);
	w->io.ipcFd = fd;
	w->io.keepConnection = 1;
	/* Reject a truncated request: an If-Match may be missing. */
	if (FCGX_Accept_r(&w->io) != 0 || FCGX_GetError(w->io.in) != 0) {
		FCGX_Free(&w->io, 1);
		log_event(LOG_INFO, "no_request",
		    "a connection was closed without a request");
		return;
	}
	/* One request per connection: an idle one would block the worker. */
	w->io.keepConnection = 0;
	serve_request(w);
}

static void
take_one(struct worker *w)
{
	struct scoreboard_slot *slot = w->process->slot;
	int fd = accept4(w->process->listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return; /* another worker accepted it */
	slot->request_ns = clock_mono_ns();
	scoreboard_enter(slot, STAGE_READING, -1);
	serve_connection(w, fd);
	w->served++;
	arena_reset(w->mem);
	slot->request_ns = 0;
	scoreboard_enter(slot, STAGE_IDLE, -1);
}

static void
leave(struct worker *w, const char *why, uint64_t much)
{
	if (w->is_done)
		return;
	w->is_done = true;
	log_event(LOG_INFO, "worker_leaves", "%s: %llu", why,
	    (unsigned long long)much);
}

/*
 * A write for each line would cost a tenth of a request. A patient pool writes
 * at once: its next request may take minutes.
 */
static void
write_log(struct worker *w, int64_t now_ns)
{
	if (!log_has_kept()) {
		w->log_ns = 0;
		return;
	}
	if (!w->log_ns && !w->process->pool->patient)
		w->log_ns = now_ns + LOG_DELAY_MS * NS_PER_MS;
	if (now_ns < w->log_ns)
		return;
	log_flush();
	atomic_store_explicit(&w->process->slot->log_dropped, log_dropped(),
	    memory_order_relaxed);
	w->log_ns = 0;
}

static void
check_itself(struct worker *w)
{
	const char *lost = lost_room(w);
	int64_t now_ns = clock_mono_ns();
	uint64_t resident;

	write_log(w, now_ns);
	if (w->enough && w->served >= w->enough)
		leave(w, "requests served", w->served);
	/*
	 * A worker that was never whole serves a request first, so that it does
	 * not respawn in a loop.
	 */
	if (lost && (w->began_whole || w->served))
		leave(w, lost, w->served);
	if (now_ns < w->check_ns && w->served % CHECK_REQUESTS)
		return;
	w->check_ns = now_ns + CHECK_S * NS_PER_S;
	resident = proc_resident();
	atomic_store_explicit(&w->process->slot->resident, resident,
	    memory_order_relaxed);
	if (w->served && resident > w->process->opts->worker_memory)
		leave(w, "resident bytes", resident);
}

static void
watch_rooms(const struct worker *w, int epoll)
{
	for (size_t i = 0; i < w->n_rooms; i++) {
		int fd = w->rooms[i]->watch();

		if (fd >= 0)
			process_watch_end(epoll, fd);
	}
}

static bool
wait_for_request(const struct worker *w, int epoll)
{
	int64_t until = w->check_ns;

	if (w->log_ns && w->log_ns < until)
		until = w->log_ns;
	return process_wait(w->process, epoll, until);
}

void
worker_run(const struct process *process)
{
	struct worker w;
	int epoll;

	open_worker(&w, process);
	epoll = process_epoll(process, process->listener);
	if (w.began_whole)
		watch_rooms(&w, epoll);
	scoreboard_enter(process->slot, STAGE_IDLE, -1);
	check_itself(&w);
	log_keep();
	while (!process_is_ending() && !w.is_done) {
		if (wait_for_request(&w, epoll) && !process_is_ending())
			take_one(&w);
		check_itself(&w);
	}
	close(epoll);
	close_worker(&w);
	process_end(process);
}
