/*
 * Requests of a keeper.
 *
 * The database is opened by the first request. If that fails, so does the
 * request, and the next one tries again: an operator may have put the file
 * back.
 */
#include "lib/lite/keeper_impl.h"

#include "lib/os/clock.h"
#include "lib/sandbox/sandbox_keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#define IMPORT_FILE "import"
#define EXPORT_FILE "export"

enum {
	LOOK_MS = 5,
	/* Others get the CPU first if something runs for longer. */
	LONG_MS = 50,
	/* Bytes a second at which a check reads a file, at least. */
	CHECK_SPEED = 16 << 20,
	/*
	 * A lock may be another process's: that of a keeper without a spawner,
	 * which still has open streams.
	 */
	RETRY_MS = 20,
};

/* SQLite may have made further files beside a file that it opened. */
static void
remove_file(const char *name)
{
	static const char *const endings[] = { "", "-journal", "-wal", "-shm" };
	char path[32];

	for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
		snprintf(path, sizeof(path), "%s%s", name, endings[i]);
		unlink(path);
	}
}

void
task_remove_leftovers(void)
{
	remove_file(IMPORT_FILE);
	remove_file(EXPORT_FILE);
}

void
task_end(struct conn *c)
{
	struct keeper *k = c->keeper;

	if (c->run) {
		hrana_end(c->run);
		k->must_retry = true;
	}
	if (k->saving == c) {
		hrana_save_end(c->save);
		k->saving = NULL;
		remove_file(EXPORT_FILE);
	}
	if (c->file >= 0)
		close(c->file);
	if (c->file >= 0 && c->order.kind == KEEPER_IMPORT)
		remove_file(IMPORT_FILE);
	if (c->state != CONN_OPEN && c->state != CONN_CLOSED)
		k->active--;
	if (c->mem)
		arena_reset(c->mem);
	if (c->mem && !k->spare)
		k->spare = c->mem;
	else
		arena_free(c->mem);
	c->run = NULL;
	c->save = NULL;
	c->mem = NULL;
	c->file = -1;
	c->out = (struct buf){ 0 };
	c->piece = SIZE_MAX;
	c->sent = c->head_bytes = 0;
	atomic_store_explicit(&k->start->slot->used_ns, clock_mono_ns(),
	    memory_order_relaxed);
}

/* --- Ends of a request ---------------------------------------------------- */

/* Drops the output that is not sent yet. */
static void
fail(struct conn *c, enum err e, const char *sentence)
{
	int32_t fault = e;
	char text[256];
	size_t n = 0;

	if (sentence) {
		n = strlen(sentence);
		if (n > sizeof(text) - sizeof(fault))
			n = sizeof(text) - sizeof(fault);
		memcpy(text + sizeof(fault), sentence, n);
	}
	memcpy(text, &fault, sizeof(fault));
	if (c->piece != SIZE_MAX)
		c->out.n = c->piece;
	c->piece = SIZE_MAX;
	c->out.failed = false;
	conn_add(c, FRAME_FAULT, text, sizeof(fault) + n);
	/* Without memory for the answer. */
	if (c->out.failed) {
		conn_close(c);
		return;
	}
	/* The rest of a file would follow. */
	c->closes = c->order.kind == KEEPER_IMPORT;
	c->state = CONN_DONE;
	conn_flush(c);
}

static void
finish(struct conn *c, const struct keeper_result *result)
{
	conn_add(c, FRAME_DONE, result, sizeof(*result));
	if (c->out.failed) {
		fail(c, E_UNAVAILABLE, "The answer needs too much memory.");
		return;
	}
	c->state = CONN_DONE;
	conn_flush(c);
}

/*
 * A keeper has the priority of a worker: workers wait for it. Another user's
 * long statement does not slow them down.
 */
static void
defer_long(struct keeper *k, int64_t now)
{
	if (!k->is_deferred && now - k->began_ns > LONG_MS * NS_PER_MS)
		k->is_deferred = sandbox_keeper_defer(true);
}

static void
end_deferring(struct keeper *k)
{
	if (k->is_deferred)
		k->is_deferred = !sandbox_keeper_defer(false);
}

/*
 * True if the worker has hung up. Sends what other requests wait for. SQLite asks for the last run of a connection
 * of its own, also after that run has ended.
 */
static bool
is_unwanted(void *thing)
{
	struct conn *c = ((struct keeper *)thing)->running;
	struct pollfd p = { .fd = c ? c->fd : -1, .events = POLLRDHUP };
	int64_t now = clock_mono_ns();

	if (!c)
		return false;
	atomic_store_explicit(&c->keeper->start->slot->alive_ns,
	    now + c->keeper->patience_ns, memory_order_relaxed);
	if (now - c->looked_ns < LOOK_MS * NS_PER_MS)
		return false;
	c->looked_ns = now;
	keeper_send_held(c->keeper);
	defer_long(c->keeper, now);
	return poll(&p, 1, 0) > 0;
}

/* True if the database is open. */
static bool
open_database(struct conn *c)
{
	struct keeper *k = c->keeper;
	const char *why = NULL;
	enum err e;

	if (k->hrana)
		return true;
	e = hrana_open(KEEPER_FILE, c->order.make, k->start->bounds,
	    k->start->schema, &k->hrana, &why);
	if (e == OK) {
		hrana_watch(k->hrana, is_unwanted, k);
		return true;
	}
	k->hrana = NULL;
	if (e != E_NOT_FOUND)
		keeper_log(k, "%s", why ? why : err_code(e));
	fail(c, e, NULL);
	return false;
}

/* --- Statements ----------------------------------------------------------- */

static void
finish_run(struct conn *c)
{
	const struct hrana_total *total = hrana_total(c->run);
	struct keeper_result result = {
		.status = total->status,
		.statements = total->statements,
		.rows_read = total->rows_read,
		.rows_written = total->rows_written,
	};
	struct hrana_facts facts;

	if (total->rows_written &&
	    hrana_facts(c->keeper->hrana, &facts) == OK) {
		result.size = facts.size;
		result.schema = facts.schema;
	}
	finish(c, &result);
}

static void
act_on(struct conn *c, enum hrana_state state)
{
	if (state == HRANA_LOCKED) {
		c->retry_ns = hrana_due(c->run);
		if (c->retry_ns > c->looked_ns + RETRY_MS * NS_PER_MS)
			c->retry_ns = c->looked_ns + RETRY_MS * NS_PER_MS;
		c->state = CONN_LOCKED;
		return;
	}
	conn_close_piece(c);
	if (c->out.failed) {
		fail(c, E_UNAVAILABLE, "The answer needs too much memory.");
		return;
	}
	switch (state) {
	case HRANA_CREDIT:
		conn_add(c, FRAME_CREDIT, NULL, 0);
		c->state = CONN_CREDIT;
		conn_flush(c);
		break;
	case HRANA_DONE:
		finish_run(c);
		break;
	default:
		c->state = CONN_READY;
		conn_flush(c);
		break;
	}
}

void
task_step(struct conn *c)
{
	_Atomic int64_t *alive = &c->keeper->start->slot->alive_ns;
	enum hrana_state state;

	conn_open_piece(c);
	c->looked_ns = c->keeper->began_ns = clock_mono_ns();
	atomic_store_explicit(alive, c->looked_ns, memory_order_relaxed);
	c->keeper->running = c;
	state = hrana_step(c->run, &c->out);
	c->keeper->running = NULL;
	end_deferring(c->keeper);
	atomic_store_explicit(alive, 0, memory_order_relaxed);
	act_on(c, state);
}

static void
begin_run(struct conn *c, struct str body)
{
	struct hrana_order order = {
		.kind = c->order.kind == KEEPER_CURSOR ? HRANA_CURSOR
						       : HRANA_PIPELINE,
		.version = c->order.version,
		.may_write = c->order.may_write,
		.size_max = c->order.size_max,
		.body = body,
		.is_unwanted = is_unwanted,
		.to = c->keeper,
	};

	c->run = hrana_begin(c->keeper->hrana, c->mem, &order);
	if (!c->run) {
		fail(c, E_UNAVAILABLE, "The request needs too much memory.");
		return;
	}
	c->state = CONN_READY;
	task_step(c);
}

void
task_allow(struct conn *c, bool may)
{
	hrana_allow(c->run, may);
	c->state = CONN_READY;
	task_step(c);
}

/* --- Facts, copies and checks --------------------------------------------- */

static void
finish_with_facts(struct conn *c)
{
	struct keeper_result result = { 0 };
	struct hrana_facts facts;
	enum err e = hrana_facts(c->keeper->hrana, &facts);

	if (e != OK) {
		fail(c, e, NULL);
		return;
	}
	result.size = facts.size;
	result.schema = facts.schema;
	finish(c, &result);
}

/* SQLite's own sentence goes to the log: the client ran no statement. */
static void
fail_save(struct conn *c, enum err e, const char *why)
{
	keeper_log(c->keeper, "export: %s", why ? why : err_code(e));
	fail(c, e, NULL);
}

/* One copy at a time: each needs the space of the database on the disk. */
static void
begin_export(struct conn *c)
{
	struct keeper *k = c->keeper;
	const char *why = NULL;
	enum err e;

	if (k->saving) {
		c->state = CONN_QUEUED;
		return;
	}
	k->saving = c;
	c->state = CONN_SAVING;
	e = hrana_save_begin(k->hrana, EXPORT_FILE, &c->save, &why);
	if (e != OK)
		fail_save(c, e, why);
}

/* The copy is complete once its file has no journal and is closed. */
static void
send_export(struct conn *c)
{
	hrana_save_end(c->save);
	c->save = NULL;
	c->file = open(EXPORT_FILE, O_RDONLY | O_CLOEXEC);
	if (c->file < 0)
		fail(c, E_INTERNAL, NULL);
	else
		finish_with_facts(c);
}

void
task_save(struct conn *c)
{
	const char *why = NULL;
	bool done = false;
	enum err e;

	if (c->state == CONN_QUEUED)
		begin_export(c);
	if (c->state != CONN_SAVING)
		return;
	e = hrana_save_step(c->save, &done, &why);
	if (e != OK)
		fail_save(c, e, why);
	else if (done)
		send_export(c);
}

static void
begin_import(struct conn *c)
{
	c->file =
	    open(IMPORT_FILE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (c->file >= 0) {
		c->file_bytes = 0;
		c->state = CONN_FEEDING;
		return;
	}
	if (errno == EEXIST)
		fail(c, E_CONFLICT,
		    "Another import of this database is running.");
	else
		fail(c, errno == ENOSPC ? E_STORAGE_FULL : E_INTERNAL, NULL);
}

void
task_feed(struct conn *c, struct str bytes)
{
	if (bytes.n > c->order.size_max - c->file_bytes) {
		fail(c, E_STORAGE_FULL,
		    "The file is larger than the storage that is left.");
		return;
	}
	c->file_bytes += bytes.n;
	while (bytes.n) {
		ssize_t n = write(c->file, bytes.p, bytes.n);

		if (n < 0) {
			fail(c,
			    errno == ENOSPC || errno == EFBIG ? E_STORAGE_FULL
							      : E_INTERNAL,
			    NULL);
			return;
		}
		bytes.p += n;
		bytes.n -= (size_t)n;
	}
}

/*
 * A check evaluates the constraints of the file's schema, which may take any
 * time: it ends when the worker hangs up, or as a stuck statement does.
 */
static void
begin_check(struct conn *c, uint64_t bytes)
{
	struct keeper *k = c->keeper;

	keeper_send_held(k);
	k->patience_ns = (int64_t)(bytes / CHECK_SPEED) * NS_PER_S;
	k->running = c;
	k->began_ns = clock_mono_ns();
	(void)is_unwanted(k);
}

static void
end_check(struct conn *c)
{
	struct keeper *k = c->keeper;

	k->running = NULL;
	k->patience_ns = 0;
	end_deferring(k);
	atomic_store_explicit(&k->start->slot->alive_ns, 0,
	    memory_order_relaxed);
}

void
task_feed_end(struct conn *c)
{
	const char *why = NULL;
	enum err e;

	begin_check(c, c->file_bytes);
	e = hrana_load(c->keeper->hrana, IMPORT_FILE, c->order.size_max, &why);
	end_check(c);
	if (e == OK)
		finish_with_facts(c);
	else
		fail(c, e, why);
}

static void
check(struct conn *c)
{
	const char *why = NULL;
	struct hrana_facts facts = { 0 };
	enum err e = hrana_facts(c->keeper->hrana, &facts);

	if (e == OK) {
		begin_check(c, facts.size);
		e = hrana_check(c->keeper->hrana, &why);
		end_check(c);
	}
	if (e == OK)
		finish_with_facts(c);
	else
		fail(c, e, why);
}

void
task_begin(struct conn *c, struct str body)
{
	c->keeper->active++;
	c->state = CONN_READY;
	c->closes = false;
	buf_init(&c->out, c->mem);
	if (!open_database(c))
		return;
	switch (c->order.kind) {
	case KEEPER_PIPELINE:
	case KEEPER_CURSOR:
		begin_run(c, body);
		break;
	case KEEPER_FACTS:
		finish_with_facts(c);
		break;
	case KEEPER_EXPORT:
		begin_export(c);
		break;
	case KEEPER_IMPORT:
		begin_import(c);
		break;
	case KEEPER_CHECK:
		check(c);
		break;
	default:
		conn_close(c);
		break;
	}
}
