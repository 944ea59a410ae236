/*
 * Reads as much of a client's request as io7 needs before it passes it on: the
 * baton, and how many statements it may run. The rest is the service's.
 */
#include "fcgi/userdb/turso.h"

#include "lib/json/json.h"

struct reader {
	struct arena *mem;
	struct turso_body *to;
	bool failed; /* a name or a text that cannot be decoded */
};

/* Calls each() with the members or the elements; another kind has none. */
static void
for_each(struct reader *r, struct str value,
    void (*each)(struct reader *, const struct json_item *))
{
	struct json_walk walk;
	struct json_item item;

	if (json_kind(value) != JSON_OBJECT && json_kind(value) != JSON_ARRAY)
		return;
	json_walk(&walk, r->mem, value);
	while (json_next(&walk, &item))
		each(r, &item);
	r->failed = r->failed || walk.failed;
}

/* --- Statements ----------------------------------------------------------- */

/* The first word of raw JSON text; one with escapes is none of these. */
static bool
frees(struct str sql)
{
	static const char *const words[] = { "DELETE", "DROP", "SELECT",
		"BEGIN", "COMMIT", "END", "ROLLBACK" };
	struct str text = { sql.p + 1, sql.n - 2 };

	text = str_trim(text);
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		struct str word = str_of(words[i]);

		if (text.n >= word.n &&
		    str_eq_nocase((struct str){ text.p, word.n }, word))
			return true;
	}
	return false;
}

static void
on_statement(struct reader *r, const struct json_item *item)
{
	if (str_eq(item->name, STR("sql_id")) ||
	    (str_eq(item->name, STR("sql")) &&
		json_kind(item->value) == JSON_TEXT && !frees(item->value)))
		r->to->only_frees = false;
}

static void
count(struct reader *r, struct str statement)
{
	r->to->statements++;
	for_each(r, statement, on_statement);
}

static void
on_step_member(struct reader *r, const struct json_item *item)
{
	if (str_eq(item->name, STR("stmt")))
		count(r, item->value);
}

static void
on_step(struct reader *r, const struct json_item *item)
{
	for_each(r, item->value, on_step_member);
}

static void
on_batch(struct reader *r, const struct json_item *item)
{
	if (str_eq(item->name, STR("steps")))
		for_each(r, item->value, on_step);
}

/*
 * By the members and not by the type: a member that the type ignores is charged,
 * too, and one that matters cannot hide. "describe" and "store_sql" count as a
 * statement each.
 */
static void
on_request_member(struct reader *r, const struct json_item *item)
{
	if (str_eq(item->name, STR("stmt"))) {
		count(r, item->value);
	} else if (str_eq(item->name, STR("batch"))) {
		for_each(r, item->value, on_batch);
	} else if (str_eq(item->name, STR("sql")) ||
	    str_eq(item->name, STR("sql_id"))) { /* a sequence, perhaps */
		r->to->statements++;
		r->to->only_frees = false;
	}
}

static void
on_request(struct reader *r, const struct json_item *item)
{
	for_each(r, item->value, on_request_member);
}

/* --- The whole ------------------------------------------------------------ */

static enum err
wrong(const char **problem, const char *sentence)
{
	*problem = sentence;
	return E_BAD_REQUEST;
}

static enum err
take_baton(struct arena *mem, struct str value, struct str *baton,
    const char **problem)
{
	if (json_kind(value) == JSON_NULL)
		return OK;
	if (json_kind(value) != JSON_TEXT || !json_unquote(mem, value, baton))
		return wrong(problem, "The baton is neither a text nor null.");
	if (!baton->p)
		*baton = STR("");
	return OK;
}

enum err
turso_parse(struct arena *mem, struct str text, bool is_cursor,
    struct turso_body *to, const char **problem)
{
	struct reader r = { .mem = mem, .to = to };
	enum json_kind kind = is_cursor ? JSON_OBJECT : JSON_ARRAY;
	struct json_walk walk;
	struct json_item item;
	enum err e = OK;

	*to = (struct turso_body){ .only_frees = true };
	if (!json_check(text, JSON_DEPTH_MAX, NULL, NULL) ||
	    json_kind(str_trim(text)) != JSON_OBJECT)
		return wrong(problem, "The body is not a JSON object.");
	json_walk(&walk, mem, str_trim(text));
	while (e == OK && json_next(&walk, &item)) {
		if (str_eq(item.name, STR("baton")))
			e = take_baton(mem, item.value, &to->baton, problem);
		else if (str_eq(item.name,
			     is_cursor ? STR("batch") : STR("requests")))
			to->work = item.value;
	}
	if (e != OK)
		return e;
	if (!to->work.p || json_kind(to->work) != kind)
		return wrong(problem,
		    is_cursor ? "The member batch is missing or no object."
			      : "The member requests is missing or no array.");
	for_each(&r, to->work, is_cursor ? on_batch : on_request);
	if (walk.failed || r.failed)
		return wrong(problem, "The body has a malformed text.");
	return OK;
}

bool
turso_may_write(const struct userdb *db, const struct hrana_call *call,
    const struct turso_body *in)
{
	return call->may_write &&
	    (db->size <= call->size_max || in->only_frees);
}
