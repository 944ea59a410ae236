/*
 * Parses the body of a batch. Values stay slices of the body and go to
 * PostgreSQL unchanged.
 */
#include "fcgi/kv/batch.h"

#include "fcgi/kv/kv.h"
#include "lib/json/json.h"

/* In the order of enum batch_verb. */
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

/* The problem of "ops[3].key". */
static enum err
fail_op(struct reading *rd, enum err e, size_t nr, struct str member,
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
fail_member(struct reading *rd, struct str field, const char *sentence)
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

/* Checks that the members belong to the verb. */
static enum err
check_op(struct reading *rd, size_t nr, const struct batch_op *op)
{
	if (op->verb == BATCH_PUT && !op->value.p)
		return fail_op(rd, E_BAD_REQUEST, nr, STR("value"),
		    "is required for a put");
	if (op->verb != BATCH_PUT && op->value.p)
		return fail_op(rd, E_BAD_REQUEST, nr, STR("value"),
		    "is for a put only");
	if (op->verb != BATCH_PUT && op->ttl_s.is)
		return fail_op(rd, E_BAD_REQUEST, nr, STR("ttl"),
		    "is for a put only");
	if (op->verb == BATCH_CHECK && !op->if_version.is)
		return fail_op(rd, E_BAD_REQUEST, nr, STR("version"),
		    "is required for a check");
	if (op->verb == BATCH_GET && op->if_version.is)
		return fail_op(rd, E_BAD_REQUEST, nr, STR("version"),
		    "is not for a get");
	return OK;
}

static enum err
check_value(struct reading *rd, size_t nr, struct str value)
{
	const char *problem;
	enum err e = kv_check_value(rd->mem, value, KV_DEPTH_MAX, rd->body_max,
	    &problem);

	return e == OK ? OK : fail_op(rd, e, nr, STR("value"), problem);
}

static enum err
read_op(struct reading *rd, size_t nr, struct str text)
{
	struct batch_op *op = &rd->batch->ops[nr];
	struct bind_problem problem;
	enum err e = bind_object(rd->mem, text, op_fields, ARRAY_LEN(op_fields),
	    op, &problem);

	if (e == E_BAD_REQUEST)
		return fail_op(rd, E_BAD_REQUEST, nr, problem.field,
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
		return fail_member(rd, STR("ops"), "must be a list");
	json_walk(&walk, rd->mem, text);
	while (b->n <= BATCH_OPS && json_next(&walk, &item))
		b->n++;
	if (b->n < 1 || b->n > BATCH_OPS)
		return fail_member(rd, STR("ops"),
		    "must be 1 to 1000 operations");
	b->ops = arena_alloc(rd->mem, b->n * sizeof(*b->ops));
	if (!b->ops)
		return E_TOO_LARGE;
	json_walk(&walk, rd->mem, text);
	for (size_t i = 0; i < b->n && json_next(&walk, &item) && !e; i++)
		e = read_op(rd, i, item.value);
	return e;
}

_Static_assert(BATCH_OPS == 1000, "the sentence above says so");

/* Not a table of body_bind(): a problem must name the operation. */
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
			return fail_member(rd, STR("body"),
			    "may have only the members atomic and ops");
		if (is_atomic ? has_atomic : ops->p != NULL)
			return fail_member(rd, item.name, "is given twice");
		if (!is_atomic) {
			*ops = item.value;
			continue;
		}
		if (json_kind(item.value) != JSON_BOOL)
			return fail_member(rd, item.name,
			    "must be true or false");
		rd->batch->is_atomic = json_is_true(item.value);
		has_atomic = true;
	}
	if (walk.failed)
		return fail_member(rd, STR("body"),
		    "may have only the members atomic and ops");
	return ops->p ? OK : fail_member(rd, STR("ops"), "is required");
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
	/* kv_check_value() fails too, and has the sentence. */
	if (!json_check(body, JSON_DEPTH_MAX, &facts, NULL) &&
	    kv_check_value(mem, body, JSON_DEPTH_MAX, body_max, &sentence))
		return fail_member(&rd, STR("body"), sentence);
	if (json_kind(str_trim(body)) != JSON_OBJECT)
		return fail_member(&rd, STR("body"), "must be an object");
	e = read_members(&rd, body, &ops);
	if (e == OK)
		e = read_ops(&rd, ops);
	if (e != OK || facts.implied <= body_max)
		return e;
	fail_member(&rd, STR("ops"),
	    "are too large when their numbers are written without exponents");
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
