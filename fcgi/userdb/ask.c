/*
 * Pipelines of io7 itself: one batch, whose steps each run if the one before
 * succeeded, and the end of its stream, which rolls an open transaction back.
 */
#include "fcgi/userdb/ask.h"

#include "fcgi/userdb/provider.h"
#include "lib/os/log.h"

/* --- The database --------------------------------------------------------- */

static const char *
name_host(struct arena *mem, const struct userdb *db)
{
	return text_printf(mem, "The database is on another host.",
	    "The database is on the host %s.", db->host);
}

enum err
userdb_open(const struct service *service, struct arena *mem, struct uuid user,
    enum mode mode, struct userdb *db, const char **why)
{
	enum err e = userdb_read(service, mem, user, mode, db, why);

	if (e == E_NOT_FOUND) {
		e = userdb_add(service, mem, user, why);
		if (e == OK)
			e = userdb_read(service, mem, user, mode, db, why);
	}
	if (e == OK)
		e = db->is_ready ? userdb_check_host(service, db, why)
				 : userdb_make(service, mem, db, why);
	if (e == OK)
		return OK;
	if (e == E_MISDIRECTED) {
		*why = name_host(mem, db);
		return e;
	}
	log_event(LOG_WARN, "database_not_opened", "%s: %s", db->name, *why);
	*why = "The database is not available; try again shortly.";
	return e == E_NOT_FOUND ? E_INTERNAL : e;
}

/* --- The statements ------------------------------------------------------- */

static void
end_statement(struct userdb_ask *a)
{
	if (a->n)
		buf_puts(&a->steps, a->has_args ? "]}}," : "}},");
	a->has_args = false;
}

static void
begin_step(struct buf *b, size_t step)
{
	buf_putc(b, '{');
	if (step)
		buf_printf(b, "\"condition\":{\"type\":\"ok\",\"step\":%zu},",
		    step - 1);
	buf_puts(b, "\"stmt\":{\"sql\":");
}

/* The step of a statement: the one before the first begins the transaction. */
static size_t
step_of(const struct userdb_ask *a, size_t statement)
{
	return a->no_transaction ? statement : statement + 1;
}

void
userdb_ask_sql(struct userdb_ask *a, struct str sql)
{
	if (a->n)
		end_statement(a);
	else
		buf_init(&a->steps, a->mem);
	begin_step(&a->steps, step_of(a, a->n++));
	buf_json(&a->steps, sql);
}

static void
begin_arg(struct userdb_ask *a)
{
	buf_puts(&a->steps, a->has_args ? "," : ",\"args\":[");
	a->has_args = true;
}

void
userdb_ask_text(struct userdb_ask *a, struct str text)
{
	begin_arg(a);
	if (!text.p) {
		buf_puts(&a->steps, "{\"type\":\"null\"}");
		return;
	}
	buf_puts(&a->steps, "{\"type\":\"text\",\"value\":");
	buf_json(&a->steps, text);
	buf_putc(&a->steps, '}');
}

void
userdb_ask_int(struct userdb_ask *a, int64_t value)
{
	begin_arg(a);
	buf_printf(&a->steps, "{\"type\":\"integer\",\"value\":\"%lld\"}",
	    (long long)value);
}

static void
write_pipeline(struct userdb_ask *a, struct buf *b)
{
	end_statement(a);
	a->steps.n--; /* the comma */
	buf_puts(b,
	    "{\"baton\":null,\"requests\":[{\"type\":\"batch\","
	    "\"batch\":{\"steps\":[");
	if (!a->no_transaction) {
		begin_step(b, 0);
		buf_puts(b,
		    a->may_write ? "\"BEGIN IMMEDIATE\"}}," : "\"BEGIN\"}},");
	}
	buf_str(b, buf_view(&a->steps));
	if (!a->no_transaction) {
		buf_putc(b, ',');
		begin_step(b, step_of(a, a->n));
		buf_puts(b, "\"COMMIT\"}}");
	}
	buf_puts(b, "]}},{\"type\":\"close\"}]}");
	b->failed = b->failed || a->steps.failed;
}

/* --- The answer ----------------------------------------------------------- */

struct str
userdb_member(struct arena *mem, struct str object, const char *name)
{
	struct json_item item;
	struct json_walk walk;

	if (!object.n || json_kind(object) != JSON_OBJECT)
		return (struct str){ 0 };
	json_walk(&walk, mem, object);
	while (json_next(&walk, &item))
		if (str_eq(item.name, str_of(name)))
			return item.value;
	return (struct str){ 0 };
}

/* The element of a JSON array; without p if there is none. */
static struct str
element(struct arena *mem, struct str list, size_t at)
{
	struct json_item item;
	struct json_walk walk;

	if (!list.n || json_kind(list) != JSON_ARRAY)
		return (struct str){ 0 };
	json_walk(&walk, mem, list);
	while (json_next(&walk, &item))
		if (!at--)
			return item.value;
	return (struct str){ 0 };
}

/* A text member of an object, with a NUL after it, or NULL. */
static const char *
text_of(struct arena *mem, struct str object, const char *name)
{
	struct str raw = userdb_member(mem, object, name), text;

	if (!raw.n || json_kind(raw) != JSON_TEXT ||
	    !json_unquote(mem, raw, &text))
		return NULL;
	return arena_copy(mem, text.p, text.n);
}

static enum err
err_of(const char *code)
{
	static const struct {
		const char *code;
		enum err e;
	} rows[] = {
		{ "SQLITE_BUSY", E_UNAVAILABLE },
		{ "SQLITE_LOCKED", E_UNAVAILABLE },
		{ "SQLITE_INTERRUPT", E_TIMEOUT },
		{ "SQLITE_FULL", E_STORAGE_FULL },
		{ "SQLITE_CONSTRAINT", E_CONFLICT },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].code, code) == 0)
			return rows[i].e;
	return E_BAD_REQUEST;
}

static enum err
malformed(struct userdb_ask *a)
{
	a->why = "The database sent an unexpected answer.";
	return E_INTERNAL;
}

static enum err
fail_statement(struct userdb_ask *a, struct str error, size_t at)
{
	a->why = text_of(a->mem, error, "message");
	a->code = text_of(a->mem, error, "code");
	a->at = at;
	return a->why && a->code ? err_of(a->code) : malformed(a);
}

/* The statement of a step: the transaction's end belongs to the last one. */
static size_t
statement_of(const struct userdb_ask *a, size_t step)
{
	if (a->no_transaction)
		return step;
	return !step ? 0 : step > a->n ? a->n - 1 : step - 1;
}

static enum err
read_errors(struct userdb_ask *a, struct str errors)
{
	struct json_item item;
	struct json_walk walk;

	if (!errors.n || json_kind(errors) != JSON_ARRAY)
		return malformed(a);
	json_walk(&walk, a->mem, errors);
	for (size_t step = 0; json_next(&walk, &item); step++)
		if (json_kind(item.value) != JSON_NULL)
			return fail_statement(a, item.value,
			    statement_of(a, step));
	return OK;
}

static enum err
read_answer(struct userdb_ask *a, struct str answer)
{
	struct str first, error, result;

	if (!json_check(answer, JSON_DEPTH_MAX, NULL, NULL))
		return malformed(a);
	first = element(a->mem,
	    userdb_member(a->mem, str_trim(answer), "results"), 0);
	error = userdb_member(a->mem, first, "error");
	if (error.p)
		return fail_statement(a, error, a->n);
	result = userdb_member(a->mem, userdb_member(a->mem, first, "response"),
	    "result");
	a->results = userdb_member(a->mem, result, "step_results");
	return read_errors(a, userdb_member(a->mem, result, "step_errors"));
}

/* --- The whole ------------------------------------------------------------ */

enum err
userdb_ask_run(struct userdb_ask *a)
{
	struct hrana_call call = {
		.version = 3,
		.may_write = a->may_write,
		.size_max = a->size_max,
	};
	const struct provider *provider =
	    provider_find(str_of(a->db->provider));
	struct str answer;
	struct buf b;
	enum err e;

	a->at = a->n;
	buf_init(&b, a->mem);
	write_pipeline(a, &b);
	if (b.failed) {
		a->why = "The statements are too large.";
		return E_TOO_LARGE;
	}
	call.body = buf_view(&b);
	e = provider->ask(a, &call, &answer);
	return e == OK ? read_answer(a, answer) : e;
}

enum err
userdb_rows(struct userdb_ask *a, size_t statement, struct userdb_rows *rows)
{
	struct str result = element(a->mem, a->results, step_of(a, statement));
	struct str changed =
	    userdb_member(a->mem, result, "affected_row_count");

	*rows = (struct userdb_rows){
		.mem = a->mem,
		.columns = userdb_member(a->mem, result, "cols"),
		.rows = userdb_member(a->mem, result, "rows"),
	};
	if (!rows->columns.n || json_kind(rows->columns) != JSON_ARRAY ||
	    !rows->rows.n || json_kind(rows->rows) != JSON_ARRAY)
		return malformed(a);
	if (!changed.n || !json_to_int(changed, &rows->changed))
		rows->changed = 0;
	json_walk(&rows->walk, a->mem, rows->rows);
	return OK;
}

static struct str
read_cell(struct arena *mem, struct str cell)
{
	struct str value = userdb_member(mem, cell, "value"), text;

	if (!value.n)
		value = userdb_member(mem, cell, "base64");
	if (!value.n || json_kind(value) == JSON_NULL)
		return (struct str){ 0 };
	if (json_kind(value) != JSON_TEXT)
		return value;
	if (!json_unquote(mem, value, &text))
		return (struct str){ 0 };
	return text.p ? text : STR("");
}

bool
userdb_next_row(struct userdb_rows *rows, struct str *cells, size_t n)
{
	struct json_item row, cell;
	struct json_walk walk;

	memset(cells, 0, n * sizeof(*cells));
	if (!json_next(&rows->walk, &row) || json_kind(row.value) != JSON_ARRAY)
		return false;
	json_walk(&walk, rows->mem, row.value);
	for (size_t i = 0; i < n && json_next(&walk, &cell); i++)
		cells[i] = read_cell(rows->mem, cell.value);
	return true;
}
