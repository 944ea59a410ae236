/*
 * What io7 itself asks of a database at Turso: the schema and the size.
 *
 * A service does not let a client set application_id, which has the version in a
 * file. So the registry alone has it, and a step whose answer was lost is
 * applied again: steps must allow that.
 */
#include "fcgi/userdb/turso.h"

#include "fcgi/userdb/schema.h"
#include "lib/json/json.h"
#include "lib/os/clock.h"
#include "lib/os/log.h"

enum {
	ANSWER_MAX = JSON_TREE_TEXT,
	MEASURE_BYTES = 256 * 1024,
	WATCHED = 64,
};
#define MEASURE_NS (30 * NS_PER_S)

/* Posts requests of Hrana; `first` is the result of the first one. */
static enum err
ask(struct turso *t, struct userdb *db, bool may_write, struct buf *body,
    const struct json **first)
{
	struct fetch f = { .max = ANSWER_MAX };
	struct json_fault fault;
	struct fetch_answer got;
	const struct json *json = NULL;
	enum err e;

	t->why = "no memory";
	if (body->failed)
		return E_TOO_LARGE;
	f.body = buf_view(body);
	e = turso_send(t, db, may_write, NULL, "v2/pipeline", &f, &got);
	if (e != OK)
		return e;
	if (got.status == 404) {
		t->why = "Turso has no database at its address";
		return E_NOT_FOUND;
	}
	t->why = "the database at Turso refused a request of io7";
	if (got.status != 200)
		return E_UNAVAILABLE;
	if (json_parse(t->mem, got.body, &json, &fault) != OK)
		return E_BAD_GATEWAY;
	json = json_first(json_get(json, "results"));
	if (!str_eq(json_text(json_get(json, "type")), STR("ok")))
		return E_BAD_GATEWAY;
	*first = json_get(json_get(json, "response"), "result");
	return OK;
}

/* --- The schema ----------------------------------------------------------- */

static void
write_step(struct buf *b, const char *sql)
{
	buf_puts(b, "{\"requests\":[{\"type\":\"sequence\",\"sql\":");
	buf_json(b, str_of(sql));
	buf_puts(b, "},{\"type\":\"close\"}]}");
}

enum err
turso_upgrade(struct turso *t, struct userdb *db)
{
	const struct json *first;

	if ((size_t)db->schema > userdb_schema.n) {
		t->why = "a newer version of io7 has changed it";
		return E_CONFLICT;
	}
	while ((size_t)db->schema < userdb_schema.n) {
		struct buf b;
		enum err e;

		buf_init(&b, t->mem);
		write_step(&b, userdb_schema.steps[db->schema]);
		e = ask(t, db, true, &b, &first);
		if (e != OK)
			return e;
		db->schema++;
	}
	return OK;
}

enum err
turso_keep_up(struct turso *t, struct userdb *db)
{
	int32_t was = db->schema;
	enum err e = turso_upgrade(t, db);

	return e == OK && db->schema != was
	    ? userdb_note(t->service, t->mem, db, &t->why)
	    : e;
}

/* --- The size ------------------------------------------------------------- */

static void
write_question(struct buf *b, const char *sql)
{
	buf_puts(b, "{\"requests\":[{\"type\":\"execute\",\"stmt\":{\"sql\":");
	buf_json(b, str_of(sql));
	buf_puts(b, ",\"want_rows\":true}},{\"type\":\"close\"}]}");
}

enum err
turso_measure(struct turso *t, struct userdb *db)
{
	const struct json *first = NULL, *cell;
	struct str text;
	struct buf b;
	enum err e;

	buf_init(&b, t->mem);
	write_question(&b, userdb_size_sql);
	e = ask(t, db, false, &b, &first);
	if (e != OK)
		return e;
	cell = json_first(json_first(json_get(first, "rows")));
	text = json_text(json_get(cell, "value"));
	t->why = "the database at Turso does not say its size";
	return str_to_u64(text, &db->size) && db->size <= INT64_MAX
	    ? OK
	    : E_BAD_GATEWAY;
}

void
turso_watch_size(struct turso *t, struct userdb *db, size_t written)
{
	static struct {
		struct uuid user;
		uint64_t written;
		int64_t at_ns;
	} watched[WATCHED];
	unsigned at = (db->user.b[0] * 2U + (unsigned)db->mode) % WATCHED;
	int64_t now = clock_mono_ns();

	if (!uuid_eq(watched[at].user, db->user)) {
		watched[at].user = db->user;
		watched[at].at_ns = 0;
	}
	watched[at].written += written;
	if (watched[at].at_ns && watched[at].written < MEASURE_BYTES &&
	    now - watched[at].at_ns < MEASURE_NS)
		return;
	watched[at].written = 0;
	watched[at].at_ns = now;
	if (turso_measure(t, db) != OK)
		log_event(LOG_WARN, "database_not_measured", "%s: %s", db->name,
		    t->why);
}
