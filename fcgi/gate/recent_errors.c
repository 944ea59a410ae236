/*
 * The recent errors of each account. A worker adds errors to its error buffer,
 * and the flusher writes them to the table. A missing value and a failed
 * precondition are normal for a store and are not recorded, nor is something that
 * a client asked about and that is not valid.
 */
#include "fcgi/gate/recent_errors.h"

#include "fcgi/chore.h"
#include "fcgi/gate/gate.h"
#include "fcgi/http/err_row.h"
#include "fcgi/identity/principal.h"
#include "lib/base/columns.h"
#include "lib/os/clock.h"
#include "lib/os/log.h"
#include "lib/shm/error_buffer.h"
#include "lib/shm/scoreboard.h"
#include "stmts/gate.h"

/* --- The worker's half --------------------------------------------------- */

/* Errors with the same name are counted together. */
struct error_name {
	struct uuid user;
	struct uuid key; /* all zero: a session or a token */
	uint16_t route, err;
	uint32_t mode;
};

_Static_assert(sizeof(struct error_name) == ERROR_KEY, "without padding");

struct error_rest {
	int64_t at_us;
	char request_id[64]; /* ends at a NUL or with the field */
};

_Static_assert(sizeof(struct error_rest) == ERROR_DETAIL, "without padding");

/* Do not record 404 on GET, HEAD and DELETE. */
static bool
is_missing_value(const struct req *r)
{
	return r->fault.err == E_NOT_FOUND &&
	    (r->method == GET || r->method == HEAD || r->method == DELETE);
}

static bool
is_found_invalid(const struct req *r)
{
	return r->fault.err == E_BAD_REQUEST && r->route && r->route->is_check;
}

/* A stream has status 200 even if it fails. It did not if its client left. */
static bool
is_failure(const struct req *r, int status)
{
	return r->answer.sent ? !req_is_gone(r) : status >= 400;
}

/* nginx makes the id. One bad text would make PostgreSQL refuse the batch. */
static bool
is_plain(struct str id)
{
	for (size_t i = 0; i < id.n; i++)
		if (id.p[i] < '!' || id.p[i] > '~')
			return false;
	return id.n > 0;
}

static bool
is_recorded(const struct req *r, int status)
{
	return r->gate->credential.owner.is_known && is_plain(r->id) &&
	    r->fault.err != OK && r->fault.err != E_PRECONDITION_FAILED &&
	    !is_missing_value(r) && !is_found_invalid(r) &&
	    is_failure(r, status);
}

void
errors_note(const struct req *r, int status)
{
	struct error_record record = { 0 };
	const struct credential *c = &r->gate->credential;
	struct error_name name;
	struct error_rest rest = { .at_us = clock_wall_us() };

	if (!is_recorded(r, status))
		return;
	name = (struct error_name){
		.user = c->owner.user,
		.key = c->owner.key,
		.mode = c->mode,
		.route = (uint16_t)route_index(r->route),
		.err = (uint16_t)r->fault.err,
	};
	memcpy(rest.request_id, r->id.p,
	    r->id.n < sizeof(rest.request_id) ? r->id.n
					      : sizeof(rest.request_id));
	memcpy(record.key, &name, sizeof(name));
	memcpy(record.detail, &rest, sizeof(rest));
	error_buffer_add(r->service->errors, &record);
}

/* --- The flusher's half -------------------------------------------------- */

/* The arrays that errors_write takes. */
struct rows {
	struct columns columns;
	struct uuid *users, *keys;
	struct str *modes, *methods, *routes, *codes, *request_ids;
	int32_t *statuses;
	int64_t *ats, *times;
};

static bool
make_rows(struct rows *rows, struct arena *mem, size_t n)
{
	struct columns *c = &rows->columns;

	*c = (struct columns){ .mem = mem, .n = n };
	rows->users = columns_add(c, sizeof(*rows->users));
	rows->keys = columns_add(c, sizeof(*rows->keys));
	rows->modes = columns_add(c, sizeof(*rows->modes));
	rows->methods = columns_add(c, sizeof(*rows->methods));
	rows->routes = columns_add(c, sizeof(*rows->routes));
	rows->codes = columns_add(c, sizeof(*rows->codes));
	rows->request_ids = columns_add(c, sizeof(*rows->request_ids));
	rows->statuses = columns_add(c, sizeof(*rows->statuses));
	rows->ats = columns_add(c, sizeof(*rows->ats));
	rows->times = columns_add(c, sizeof(*rows->times));
	return !c->failed;
}

static void
fill_row(struct rows *rows, size_t at, const struct error_reading *reading)
{
	const char *id = (const char *)reading->record.detail +
	    offsetof(struct error_rest, request_id);
	struct error_name name;
	struct error_rest rest;
	const struct route *route;

	memcpy(&name, reading->record.key, sizeof(name));
	memcpy(&rest, reading->record.detail, sizeof(rest));
	route = route_at(name.route);
	rows->users[at] = name.user;
	rows->keys[at] = name.key;
	rows->modes[at] = str_of(mode_name((enum mode)name.mode));
	rows->methods[at] = str_of(method_name(route->method));
	rows->routes[at] = str_of(route->path);
	rows->codes[at] = str_of(err_code((enum err)name.err));
	rows->statuses[at] = err_row((enum err)name.err)->status;
	rows->request_ids[at] =
	    (struct str){ id, strnlen(id, sizeof(rest.request_id)) };
	rows->ats[at] = rest.at_us;
	rows->times[at] = (int64_t)reading->count;
}

/* Written errors leave the buffer even if the table cannot be trimmed. */
static enum err
write_errors(struct db_tx *tx, struct arena *mem,
    const struct error_reading *readings, size_t n)
{
	struct rows rows;
	enum err e;

	if (!make_rows(&rows, mem, n))
		return E_TOO_LARGE;
	for (size_t i = 0; i < n; i++)
		fill_row(&rows, i, &readings[i]);

#define COLUMN(name) columns_array(&rows.columns, rows.name)
	e = errors_write(tx, COLUMN(users), COLUMN(keys), COLUMN(modes),
	    COLUMN(methods), COLUMN(routes), COLUMN(codes), COLUMN(statuses),
	    COLUMN(request_ids), COLUMN(ats), COLUMN(times), NULL);
	if (e != OK)
		return e;
	error_buffer_drop(readings, n);
	return errors_trim(tx, COLUMN(users), ERRORS_KEPT, NULL);
#undef COLUMN
}

/* Errors that do not fit are written by the next run. */
void
errors_flush(const struct service *service, struct arena *mem)
{
	enum { ERRORS_MAX = 2048 };
	static struct chore_trouble trouble = {
		.begins = "errors_wait",
		.ends = "errors_written",
		.relief = "recent errors are written again",
	};
	struct error_reading *readings =
	    arena_alloc(mem, ERRORS_MAX * sizeof(*readings));
	struct db_tx *tx =
	    readings ? db_open(service->db, mem, MODE_LIVE) : NULL;
	enum err e = E_TOO_LARGE;
	size_t n = 0;

	if (readings)
		n = error_buffer_read(service->errors,
		    scoreboard_slots(service->scoreboard), readings,
		    ERRORS_MAX);
	if (readings && n == 0)
		return;
	if (readings)
		e = write_errors(tx, mem, readings, n);
	chore_log(&trouble, e, db_trouble(tx));
}

void
errors_expire(const struct service *service, struct arena *mem)
{
	enum { PART = 10000 };
	struct db_tx *tx = db_open(service->db, mem, MODE_LIVE);

	if (errors_delete_old(tx, ERRORS_DAYS, PART, NULL) != OK)
		log_event(LOG_WARN, "errors_stay", "%s", db_trouble(tx));
}

/* --- JSON ----------------------------------------------------------------- */

/* The general sentence of the code: the one that was sent may quote a value. */
static const char *
sentence_of(struct str code)
{
	for (enum err e = OK; e < ERR_COUNT; e++)
		if (str_eq(code, str_of(err_code(e))))
			return err_row(e)->sentence;
	return NULL;
}

static void
put_key(struct buf *b, const struct error_line *line)
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
	put_key(b, line);
	buf_putc(b, '}');
}

static enum err
read_errors(struct req *r, struct db_tx *tx, const struct page *page,
    struct list_rows *to)
{
	struct error_list_row *rows = NULL;
	struct str mode;
	enum err e = page_mode(r, &mode);

	if (e != OK)
		return e;
	e = error_list(tx, r->principal->tenant.user, mode, page->at, page->id,
	    page->limit, &rows, &to->n);
	to->items = rows;
	return db_result(r, tx, e);
}

static struct page_mark
write_error(struct req *r, struct buf *b, const void *item)
{
	const struct error_list_row *row = item;

	(void)r;
	error_json(b, &ERROR_LINE(row));
	return (struct page_mark){ row->last_at, row->error_id };
}

const struct list list_of_errors = {
	.row_size = sizeof(struct error_list_row),
	.read = read_errors,
	.item = write_error,
};
