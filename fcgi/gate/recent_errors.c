/*
 * The errors of each account. A worker notes what its developers could mend, or
 * would want to know of; the janitor writes that down. What is no use to them
 * is left out: that a value is not there, or that a condition does not hold, is
 * the normal life of a store.
 */
#include "fcgi/gate/recent_errors.h"

#include "fcgi/chore.h"
#include "fcgi/http/err_row.h"
#include "fcgi/identity/principal.h"
#include "lib/os/clock.h"
#include "lib/os/log.h"
#include "lib/shm/error_buffer.h"
#include "stmts/gate.h"

/* --- The worker's half --------------------------------------------------- */

/* One kind of error: those of the same name are folded. */
struct error_name {
	struct uuid user;
	struct uuid key; /* all zero: of a session or a token */
	uint16_t route, err;
	uint32_t mode;
};

_Static_assert(sizeof(struct error_name) == ERROR_ENTRY_NAME,
    "without padding");

struct error_rest {
	int64_t at_us;
	char request_id[64]; /* ends with the field, or with a NUL */
};

_Static_assert(sizeof(struct error_rest) == ERROR_ENTRY_REST,
    "without padding");

/* Who reads or deletes what is not there has no fault. */
static bool
is_absence(const struct req *r)
{
	return r->fault.err == E_NOT_FOUND &&
	    (r->method == GET || r->method == HEAD || r->method == DELETE);
}

/* A stream says its errors late; where the client went, there was none. */
static bool
is_told(const struct req *r, int status)
{
	return r->answer.sent ? !req_is_gone(r) : status >= 400;
}

/* nginx makes it; what PostgreSQL would refuse would hold up all others. */
static bool
is_id(struct str id)
{
	for (size_t i = 0; i < id.n; i++)
		if (id.p[i] < '!' || id.p[i] > '~')
			return false;
	return id.n > 0;
}

static bool
is_worth_a_note(const struct req *r, int status)
{
	return r->bearer && is_id(r->id) && r->fault.err != OK &&
	    r->fault.err != E_PRECONDITION_FAILED && !is_absence(r) &&
	    is_told(r, status);
}

void
errors_note(const struct req *r, int status)
{
	struct error_entry_text note = { 0 };
	struct error_name name;
	struct error_rest rest = { .at_us = clock_wall_us() };

	if (!is_worth_a_note(r, status))
		return;
	name = (struct error_name){
		.user = r->bearer->user,
		.key = r->bearer->key,
		.mode = r->bearer->mode,
		.route = (uint16_t)route_index(r->route),
		.err = (uint16_t)r->fault.err,
	};
	memcpy(rest.request_id, r->id.p,
	    r->id.n < sizeof(rest.request_id) ? r->id.n
					      : sizeof(rest.request_id));
	memcpy(note.name, &name, sizeof(name));
	memcpy(note.rest, &rest, sizeof(rest));
	error_buffer_add(r->service->errors, &note);
}

/* --- The janitor's half -------------------------------------------------- */

/* What is written down, a column each, as the statement takes it. */
struct columns {
	struct uuid *users, *keys;
	struct str *modes, *methods, *routes, *codes, *request_ids;
	int32_t *statuses;
	int64_t *ats, *times;
};

static bool
make_columns(struct arena *mem, struct columns *c, size_t n)
{
	return (c->users = arena_alloc(mem, n * sizeof(*c->users))) &&
	    (c->keys = arena_alloc(mem, n * sizeof(*c->keys))) &&
	    (c->modes = arena_alloc(mem, n * sizeof(*c->modes))) &&
	    (c->methods = arena_alloc(mem, n * sizeof(*c->methods))) &&
	    (c->routes = arena_alloc(mem, n * sizeof(*c->routes))) &&
	    (c->codes = arena_alloc(mem, n * sizeof(*c->codes))) &&
	    (c->request_ids = arena_alloc(mem, n * sizeof(*c->request_ids))) &&
	    (c->statuses = arena_alloc(mem, n * sizeof(*c->statuses))) &&
	    (c->ats = arena_alloc(mem, n * sizeof(*c->ats))) &&
	    (c->times = arena_alloc(mem, n * sizeof(*c->times)));
}

static void
fill_row(struct columns *c, size_t at, const struct error_entry_copy *copy)
{
	const char *id = (const char *)copy->text.rest +
	    offsetof(struct error_rest, request_id);
	struct error_name name;
	struct error_rest rest;
	const struct route *route;

	memcpy(&name, copy->text.name, sizeof(name));
	memcpy(&rest, copy->text.rest, sizeof(rest));
	route = route_at(name.route);
	c->users[at] = name.user;
	c->keys[at] = name.key;
	c->modes[at] = str_of(mode_name((enum mode)name.mode));
	c->methods[at] = str_of(method_name(route->method));
	c->routes[at] = str_of(route->path);
	c->codes[at] = str_of(err_code((enum err)name.err));
	c->statuses[at] = err_row((enum err)name.err)->status;
	c->request_ids[at] =
	    (struct str){ id, strnlen(id, sizeof(rest.request_id)) };
	c->ats[at] = rest.at_us;
	c->times[at] = (int64_t)copy->times;
}

/* Once they are written down they are forgotten, even if the rest fails. */
static enum err
write_down(struct db_tx *tx, struct arena *mem,
    const struct error_entry_copy *copies, size_t n)
{
	struct columns c;
	enum err e;

	if (!make_columns(mem, &c, n))
		return E_TOO_LARGE;
	for (size_t i = 0; i < n; i++)
		fill_row(&c, i, &copies[i]);

#define COLUMN(items) ((struct array){ c.items, n })
	e = errors_write(tx, COLUMN(users), COLUMN(keys), COLUMN(modes),
	    COLUMN(methods), COLUMN(routes), COLUMN(codes), COLUMN(statuses),
	    COLUMN(request_ids), COLUMN(ats), COLUMN(times), NULL);
	if (e != OK)
		return e;
	error_buffer_forget(copies, n);
	return errors_trim(tx, COLUMN(users), ERRORS_KEPT, NULL);
#undef COLUMN
}

/* What does not fit waits for the next time. */
void
errors_flush(const struct service *service, struct arena *mem)
{
	enum { MOST = 2048 };
	static struct chore_trouble trouble = {
		.begins = "errors_wait",
		.ends = "errors_written",
		.relief = "what had waited",
	};
	struct error_entry_copy *copies =
	    arena_alloc(mem, MOST * sizeof(*copies));
	struct db_tx *tx = db_open(service->db, mem, MODE_LIVE);
	enum err e = E_TOO_LARGE;
	size_t n = 0;

	if (copies) {
		n = error_buffer_read(service->errors,
		    scoreboard_slots(service->scoreboard), copies, MOST);
		e = OK;
	}
	if (n)
		e = write_down(tx, mem, copies, n);
	if (n || e != OK)
		chore_tell(&trouble, e, db_trouble(tx));
}

void
errors_expire(const struct service *service, struct arena *mem)
{
	enum { PART = 10000 };
	struct db_tx *tx = db_open(service->db, mem, MODE_LIVE);

	if (errors_delete_old(tx, ERRORS_DAYS, PART, NULL) != OK)
		log_event(LOG_WARN, "errors_stay", "%s", db_trouble(tx));
}

/* --- What is shown ------------------------------------------------------- */

/* The code's own sentence: what else was said may have told of a value. */
static const char *
sentence_of(struct str code)
{
	for (enum err e = OK; e < ERR_COUNT; e++)
		if (str_eq(code, str_of(err_code(e))))
			return err_row(e)->sentence;
	return NULL;
}

static void
key_of(struct buf *b, const struct error_line *line)
{
	member(b, "key");
	if (!line->key.is) {
		buf_puts(b, "null");
		return;
	}
	buf_putc(b, '{');
	member_uuid(b, "id", line->key);
	member_text(b, "label", line->key_label);
	member_text(b, "prefix", line->key_prefix);
	member_text(b, "last4", line->key_last4);
	buf_putc(b, '}');
}

void
error_json(struct buf *b, const struct error_line *line)
{
	buf_putc(b, '{');
	member_uuid(b, "id", (struct opt_uuid){ true, line->id });
	member_time(b, "last_at", (struct opt_int64){ true, line->at });
	member_int(b, "count", line->times);
	member_text(b, "mode", line->mode);
	member_text(b, "method", line->method);
	member_text(b, "route", line->route);
	member_int(b, "status", line->status);
	member_text(b, "code", line->code);
	member_text(b, "message", str_of(sentence_of(line->code)));
	member_text(b, "request_id", line->request_id);
	key_of(b, line);
	buf_putc(b, '}');
}
