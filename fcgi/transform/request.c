/*
 * Reads the body of a transform and checks all that can be checked without
 * reading a value.
 */
#include "fcgi/http/body.h"
#include "fcgi/identity/principal.h"
#include "fcgi/kv/kv.h"
#include "fcgi/transform/transform.h"

#define MEMBER(title, kind, field)       \
	.name = (title), .type = (kind), \
	.offset = offsetof(struct transform_request, field)

/* A single key has no keys and pattern, a batch no if_version. */
static const struct bind_field fields[] = {
	{ MEMBER("if_version", BIND_INT, if_version), .min = 1, .max = 0 },
	{ MEMBER("engine", BIND_TEXT, engine), .required = true },
	{ MEMBER("program", BIND_TEXT, program), .lines = true, .min = 1 },
	{ MEMBER("patch", BIND_JSON, patch) },
	{ MEMBER("prompt", BIND_TEXT, prompt), .lines = true, .min = 1 },
	{ MEMBER("model", BIND_TEXT, model), .min = 1, .max = 200 },
	{ MEMBER("max_tokens", BIND_INT, max_tokens), .min = 1, .max = 0 },
	{ MEMBER("json", BIND_BOOL, json) },
	{ MEMBER("save", BIND_BOOL, save) },
	{ MEMBER("to", BIND_TEXT, to) },
	{ MEMBER("keys", BIND_LIST, keys), .min = 1, .max = TRANSFORM_KEYS },
	{ MEMBER("pattern", BIND_TEXT, pattern), .min = 1 },
};

static enum err
find_engine(struct req *r, struct transform *t)
{
	struct buf b;

	t->engine = engine_find(t->input.engine);
	if (t->engine)
		return OK;
	buf_init(&b, r->mem);
	buf_puts(&b, "must be one of ");
	engine_list(&b);
	buf_putc(&b, '\0');
	return b.failed ? fail(r, E_TOO_LARGE, "no memory for a sentence")
			: fail_field(r, E_BAD_REQUEST, "engine", b.p);
}

/* Each engine takes one argument. */
static enum err
check_arguments(struct req *r, const struct transform *t)
{
	const struct {
		const char *name;
		bool is_given;
	} rows[] = {
		{ "program", t->input.program.p != NULL },
		{ "patch", t->input.patch.p != NULL },
		{ "prompt", t->input.prompt.p != NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bool is_its = strcmp(rows[i].name, t->engine->argument) == 0;

		if (is_its && !rows[i].is_given)
			return fail_field(r, E_BAD_REQUEST, rows[i].name,
			    "is required by this engine");
		if (!is_its && rows[i].is_given)
			return fail_field(r, E_BAD_REQUEST, rows[i].name,
			    "is not for this engine");
	}
	if (strcmp(t->engine->argument, "prompt") != 0 &&
	    (t->input.model.p || t->input.json.v || t->input.max_tokens.is))
		return fail_field(r, E_BAD_REQUEST, "model",
		    "is not for this engine; nor are json and max_tokens");
	return OK;
}

static size_t
count_stars(struct str text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '*';
	return n;
}

static enum err
check_saving(struct req *r, const struct transform *t)
{
	struct str to = t->input.to;
	const char *problem = to.p ? kv_key_problem(to) : NULL;

	if (to.p && !t->input.save.v)
		return fail_field(r, E_BAD_REQUEST, "to", "needs save");
	if (problem)
		return fail_field(r, E_BAD_REQUEST, "to", problem);
	if (to.p && t->is_batch && count_stars(to) != 1)
		return fail_field(r, E_BAD_REQUEST, "to",
		    "must contain one *, which stands for the key");
	if (t->input.save.v && !(r->principal->scopes & SCOPE_WRITE))
		return fail_saying(r, E_FORBIDDEN,
		    "Saving needs the scope write.");
	return OK;
}

/* By the first type in Accept that is one of the two; events otherwise. */
static bool
wants_events(const struct req *r)
{
	struct str accept = req_param(r, "HTTP_ACCEPT"), type;

	while (str_split(&accept, ',', &type)) {
		struct str name = { 0 };

		if (str_split(&type, ';', &name) &&
		    str_eq_nocase(str_trim(name), STR("application/json")))
			return false;
		if (str_eq_nocase(str_trim(name), STR("text/event-stream")))
			return true;
	}
	return true;
}

enum err
transform_read(struct req *r, struct transform *t, bool is_batch)
{
	enum err e;

	*t = (struct transform){
		.req = r,
		.mem = r->mem,
		.is_batch = is_batch,
		.is_stream = wants_events(r),
		.credits = r->principal->mode == MODE_LIVE ? r->route->cost : 0,
	};
	buf_init(&t->text, r->mem);
	buf_init(&t->value, r->mem);
	buf_init(&t->last, r->mem);
	e = is_batch
	    ? body_bind(r, fields + 1, ARRAY_LEN(fields) - 1, &t->input)
	    : body_bind(r, fields, ARRAY_LEN(fields) - 2, &t->input);
	if (e != OK)
		return e;
	e = find_engine(r, t);
	if (e == OK)
		e = check_arguments(r, t);
	if (e == OK)
		e = check_saving(r, t);
	return e == OK ? t->engine->check(t) : e;
}
