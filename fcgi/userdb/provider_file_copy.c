/*
 * Export and import of a file. The keeper makes a copy and passes its
 * descriptor; it receives a file in pieces and checks it before the content of
 * the database changes.
 */
#include "fcgi/userdb/provider_file_impl.h"

#include "fcgi/gate/gate.h"
#include "fcgi/http/resp.h"
#include "fcgi/options.h"
#include "lib/os/clock.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 64 * 1024 };

static enum err
begin(struct req *r, const struct userdb *db, struct keepers *k,
    const struct keeper_order *order)
{
	enum err e = keeper_begin(k, order);

	return e == OK ? OK : provider_file_fault(r, db, k);
}

static struct keeper_order
new_order(const struct req *r, const struct userdb *db, enum keeper_kind kind)
{
	return (struct keeper_order){
		.kind = kind,
		.name = db->name,
		.may_write = kind == KEEPER_IMPORT,
		.deadline_ns =
		    clock_mono_ns() + r->service->opts->transform_timeout,
	};
}

/* Waits for the end of the call. */
static enum err
finish(struct req *r, const struct userdb *db, struct keepers *k,
    int64_t deadline_ns)
{
	enum keeper_state state = KEEPER_WAIT;
	struct str piece;

	do {
		enum req_woke woke = state == KEEPER_WAIT
		    ? req_wait(r, keeper_poll(k), deadline_ns)
		    : REQ_READY;

		if (woke == REQ_GONE)
			return fail(r, E_BAD_REQUEST, "the client left");
		if (woke == REQ_LATE)
			return provider_file_fail(r, db, E_TIMEOUT, NULL);
		state = keeper_next(k, &piece);
	} while (state != KEEPER_DONE && state != KEEPER_FAILED);
	return state == KEEPER_DONE ? OK : provider_file_fault(r, db, k);
}

/* --- Export --------------------------------------------------------------- */

/* The length lets a client see that the rest is missing. */
static bool
send_head(struct req *r, const struct userdb *db, int file)
{
	char text[128];
	struct stat st;

	if (fstat(file, &st) < 0)
		return false;
	snprintf(text, sizeof(text), "attachment; filename=\"%s.db\"",
	    db->name);
	resp_header(r, "Content-Disposition", text);
	snprintf(text, sizeof(text), "%lld", (long long)st.st_size);
	resp_header(r, "Content-Length", text);
	return resp_begin(r, "application/vnd.sqlite3");
}

/* OK also if the client has closed the connection. */
static enum err
send_file(struct req *r, int file)
{
	char *piece = arena_alloc(r->mem, PIECE);
	ssize_t n;

	if (!piece)
		return fail(r, E_TOO_LARGE, "no memory for a piece");
	while ((n = read(file, piece, PIECE)) > 0)
		if (!resp_write(r, (struct str){ piece, (size_t)n }) ||
		    !resp_flush(r))
			return OK;
	return n == 0 ? OK : fail(r, E_INTERNAL, "%s", strerror(errno));
}

enum err
provider_file_save(struct req *r, struct userdb *db)
{
	struct keepers *k = provider_file_keepers(r->service);
	struct keeper_order order = new_order(r, db, KEEPER_EXPORT);
	int file = -1;
	enum err e = begin(r, db, k, &order);

	if (e != OK)
		return e;
	e = finish(r, db, k, order.deadline_ns);
	if (e == OK)
		file = keeper_file(k);
	keeper_end(k);
	if (e != OK)
		return e;
	if (file < 0)
		return fail(r, E_INTERNAL, "the keeper sent no file");
	if (send_head(r, db, file) && r->method != HEAD)
		e = send_file(r, file);
	close(file);
	return e;
}

/* --- Import --------------------------------------------------------------- */

static enum err
feed(struct req *r, const struct userdb *db, struct keepers *k)
{
	char *piece = arena_alloc(r->mem, PIECE);
	size_t n;
	enum err e;

	if (!piece)
		return fail(r, E_TOO_LARGE, "no memory for a piece");
	do {
		e = req_read_some(r, piece, PIECE, &n);
		if (e != OK)
			return e;
		if (keeper_feed(k, (struct str){ piece, n }) != OK)
			return provider_file_fault(r, db, k);
	} while (n);
	return OK;
}

enum err
provider_file_load(struct req *r, struct userdb *db, uint64_t size_max)
{
	struct keepers *k = provider_file_keepers(r->service);
	struct keeper_order order = new_order(r, db, KEEPER_IMPORT);
	enum err e;

	order.size_max = size_max;
	e = begin(r, db, k, &order);
	if (e != OK)
		return e;
	e = feed(r, db, k);
	if (e == OK)
		e = finish(r, db, k, order.deadline_ns);
	keeper_end(k);
	return e;
}
