/*
 * A batch out of the body of a request. Values stay slices of it: not a digit
 * of theirs is touched on the way to PostgreSQL.
 */
#include "fcgi/kv/batch.h"

#include "fcgi/kv/kv.h"
#include "lib/json/json.h"

/* For the names of verbs, in the order of enum batch_verb. */
static const char *const verbs[] = { "get", "put", "delete", "check", NULL };

#define AT(field) .offset = offsetof(struct batch_op, field)

static const struct bind_field op_fields[] = {
	{ "op", BIND_TEXT, .required = true, AT(verb_name), .choices = verbs },
	{ "key", BIND_TEXT, .required = true, AT(key), .min = 1,
	    .max = KV_KEY_MAX },
	{ "value", BIND_JSON, AT(value) },
	{ "version", BIND_INT, AT(if_version), .min = 0, .max = -1 },
	{ "ttl", BIND_INT, AT(ttl_s), .min = 1, .max = KV_TTL_MAX },
};

struct reading {
	struct arena *mem;
	uint64_t body_max;
	struct batch *batch;
	struct bind_problem *problem;
};

/* "ops[3].key must ..." */
static enum err
wrong(struct reading *rd, enum err e, size_t nr, struct str member,
    const char *sentence)
{
	struct buf field;

	buf_init(&field, rd->mem);
	buf_printf(&field, "ops[%zu]", nr);
	if (member.n)
		buf_printf(&field, ".%.*s", STR_ARGS(member));
	if (field.failed)
		return E_TOO_LARGE;
	*rd->problem = (struct bind_problem){ buf_view(&field), sentence };
	return e;
}

static enum err
wrong_body(struct reading *rd, struct str field, const char *sentence)
{
	*rd->problem = (struct bind_problem){ field, sentence };
	return E_BAD_REQUEST;
}

static enum batch_verb
verb_of(struct str name)
{
	enum batch_verb verb = BATCH_GET;

	while (!str_eq(name, str_of(verbs[verb])))
		verb++;
	return verb;
}

/* Which members go with which verb. */
static enum err
check_op(struct reading *rd, size_t nr, const struct batch_op *op)
{
	if (op->verb == BATCH_PUT && !op->value.p)
		return wrong(rd, E_BAD_REQUEST, nr, STR("value"),
		    "is required for a put");
	if (op->verb != BATCH_PUT && op->value.p)
		return wrong(rd, E_BAD_REQUEST, nr, STR("value"),
		    "goes with a put only");
	if (op->verb != BATCH_PUT && op->ttl_s.is)
		return wrong(rd, E_BAD_REQUEST, nr, STR("ttl"),
		    "goes with a put only");
	if (op->verb == BATCH_CHECK && !op->if_version.is)
		return wrong(rd, E_BAD_REQUEST, nr, STR("version"),
		    "is required for a check");
	if (op->verb == BATCH_GET && op->if_version.is)
		return wrong(rd, E_BAD_REQUEST, nr, STR("version"),
		    "does not go with a get");
	return OK;
}

static enum err
check_value(struct reading *rd, size_t nr, struct str value)
{
	const char *problem;
	enum err e = kv_check_value(rd->mem, value, KV_DEPTH_MAX, rd->body_max,
	    &problem);

	return e == OK ? OK : wrong(rd, e, nr, STR("value"), problem);
}

static enum err
read_op(struct reading *rd, size_t nr, struct str text)
{
	struct batch_op *op = &rd->batch->ops[nr];
	struct bind_problem problem;
	enum err e = bind_object(rd->mem, text, op_fields, ARRAY_LEN(op_fields),
	    op, &problem);

	if (e == E_BAD_REQUEST)
		return wrong(rd, E_BAD_REQUEST, nr, problem.field,
		    problem.sentence);
	if (e != OK)
		return e;
	op->verb = verb_of(op->verb_name);
	e = check_op(rd, nr, op);
	return e == OK && op->value.p ? check_value(rd, nr, op->value) : e;
}

static enum err
read_ops(struct reading *rd, struct str text)
{
	struct batch *b = rd->batch;
	struct json_walk walk;
	struct json_item item;
	enum err e = OK;

	if (json_kind(text) != JSON_ARRAY)
		return wrong_body(rd, STR("ops"), "must be a list");
	json_walk(&walk, rd->mem, text);
	while (b->n <= BATCH_OPS && json_next(&walk, &item))
		b->n++;
	if (b->n < 1 || b->n > BATCH_OPS)
		return wrong_body(rd, STR("ops"),
		    "must be 1 to 1000 operations");
	b->ops = arena_alloc(rd->mem, b->n * sizeof(*b->ops));
	if (!b->ops)
		return E_TOO_LARGE;
	json_walk(&walk, rd->mem, text);
	for (size_t i = 0; i < b->n && json_next(&walk, &item) && !e; i++)
		e = read_op(rd, i, item.value);
	return e;
}

_Static_assert(BATCH_OPS == 1000, "as the sentence says");

/* Not bound by a table: what is wrong with an operation is to name it. */
static enum err
read_members(struct reading *rd, struct str body, struct str *ops)
{
	struct json_walk walk;
	struct json_item item;
	bool has_atomic = false;

	json_walk(&walk, rd->mem, body);
	while (json_next(&walk, &item)) {
		bool is_atomic = str_eq(item.name, STR("atomic"));

		if (!is_atomic && !str_eq(item.name, STR("ops")))
			return wrong_body(rd, STR("body"),
			    "knows only the members atomic and ops");
		if (is_atomic ? has_atomic : ops->p != NULL)
			return wrong_body(rd, item.name, "is given twice");
		if (!is_atomic) {
			*ops = item.value;
			continue;
		}
		if (json_kind(item.value) != JSON_BOOL)
			return wrong_body(rd, item.name,
			    "must be true or false");
		rd->batch->is_atomic = json_is_true(item.value);
		has_atomic = true;
	}
	if (walk.failed)
		return wrong_body(rd, STR("body"),
		    "knows only the members atomic and ops");
	return ops->p ? OK : wrong_body(rd, STR("ops"), "is required");
}

enum err
batch_parse(struct arena *mem, struct str body, uint64_t body_max,
    struct batch *b, struct bind_problem *problem)
{
	struct reading rd = { mem, body_max, b, problem };
	struct str ops = { 0 };
	const char *sentence;
	struct json_facts facts;
	enum err e;

	*b = (struct batch){ .is_atomic = true };
	/* What fails the check fails that of a value, which puts it well. */
	if (!json_check(body, JSON_DEPTH_MAX, &facts, NULL) &&
	    kv_check_value(mem, body, JSON_DEPTH_MAX, body_max, &sentence))
		return wrong_body(&rd, STR("body"), sentence);
	if (json_kind(str_trim(body)) != JSON_OBJECT)
		return wrong_body(&rd, STR("body"), "must be an object");
	e = read_members(&rd, body, &ops);
	if (e == OK)
		e = read_ops(&rd, ops);
	if (e != OK || facts.implied <= body_max)
		return e;
	wrong_body(&rd, STR("ops"),
	    "hold numbers that are too large, written out");
	return E_TOO_LARGE;
}

bool
batch_reads(const struct batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->ops[i].verb == BATCH_GET ||
		    b->ops[i].verb == BATCH_CHECK)
			return true;
	return false;
}

bool
batch_writes(const struct batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->ops[i].verb == BATCH_PUT ||
		    b->ops[i].verb == BATCH_DELETE)
			return true;
	return false;
}
