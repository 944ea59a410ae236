/*
 * The whole body is read before the first statement runs, so that a mistake in
 * it has no effect. Texts borrow from the body where they have no escapes.
 *
 * Conditions may only name earlier steps, so that they have no cycles.
 */
#include "lib/lite/hrana_impl.h"

#include "lib/json/json.h"

enum {
	DEPTH = 128,
	/* A stored text's number is a 32-bit integer. */
	ID_MIN = INT32_MIN,
	ID_MAX = INT32_MAX,
};

struct parse {
	struct arena *mem;
	int version;
	const char *why;
	size_t steps; /* of the batch, so far */
};

/* A member of an object that is looked for; p is NULL: it is missing. */
struct slot {
	const char *name;
	struct str value;
};

static bool fail(struct parse *, const char *format, ...) PRINTF_LIKE(2, 3);

static bool
fail(struct parse *p, const char *format, ...)
{
	struct buf b;
	va_list args;

	buf_init(&b, p->mem);
	va_start(args, format);
	buf_vprintf(&b, format, args);
	va_end(args);
	p->why = buf_text(&b, "the request needs too much memory");
	return false;
}

static bool
is_shape(struct parse *p, struct str value, enum json_kind kind,
    const char *name)
{
	static const char *const kinds[] = { "null", "a boolean", "a number",
		"a string", "an array", "an object" };

	if (!value.p)
		return fail(p, "missing field `%s`", name);
	if (json_kind(value) != kind)
		return fail(p, "`%s` must be %s", name, kinds[kind]);
	return true;
}

/* Unknown members are ignored, as newer clients may send more. */
static bool
take_members(struct parse *p, struct str object, const char *name,
    struct slot *slots, size_t n)
{
	struct json_walk walk;
	struct json_item item;

	if (!is_shape(p, object, JSON_OBJECT, name))
		return false;
	json_walk(&walk, p->mem, object);
	while (json_next(&walk, &item)) {
		for (size_t i = 0; i < n; i++) {
			if (!str_eq(item.name, str_of(slots[i].name)))
				continue;
			if (slots[i].value.p)
				return fail(p, "duplicate field `%s`",
				    slots[i].name);
			slots[i].value = item.value;
		}
	}
	return !walk.failed || fail(p, "the name of a member is malformed");
}

static bool
is_absent(struct str value)
{
	return !value.p || json_kind(value) == JSON_NULL;
}

static bool
take_text(struct parse *p, struct str value, const char *name, struct str *to)
{
	if (!is_shape(p, value, JSON_TEXT, name))
		return false;
	return json_unquote(p->mem, value, to) ||
	    fail(p, "`%s` has half of a surrogate pair", name);
}

/* The index of a type in a list; -1 with a sentence. */
static int
take_type(struct parse *p, struct str value, const char *const *types, size_t n)
{
	struct str type;

	if (!take_text(p, value, "type", &type))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (str_eq(type, str_of(types[i])))
			return (int)i;
	fail(p, "unknown variant `%.*s` of `type`",
	    (int)(type.n < 64 ? type.n : 64), type.p);
	return -1;
}

/* Room for one more item; an array that grows by doubling. */
static void *
grow(struct parse *p, void *items, size_t n, size_t size)
{
	void *more = items;

	/* A power of two is full. */
	if (n == 0 || (n & (n - 1)) == 0) {
		more = arena_alloc(p->mem, (n ? 2 * n : 1) * size);
		if (more && n)
			memcpy(more, items, n * size);
		if (!more)
			fail(p, "the request needs too much memory");
	}
	return more;
}

static bool
take_value(struct parse *p, struct str value, struct hrana_value *to)
{
	struct slot m[] = { { "type", { 0 } }, { "value", { 0 } },
		{ "base64", { 0 } } };
	struct str type;
	const char *why;

	if (!take_members(p, value, "value", m, ARRAY_LEN(m)) ||
	    !take_text(p, m[0].value, "type", &type))
		return false;
	return hrana_read_value(p->mem, type, m[1].value, m[2].value, to,
		   &why) ||
	    fail(p, "%s", why);
}

static bool
take_sql(struct parse *p, struct str sql, struct str id, struct hrana_sql *to)
{
	if (!is_absent(sql) && !take_text(p, sql, "sql", &to->text))
		return false;
	if (is_absent(id))
		return true;
	if (!json_to_int(id, &to->id) || to->id < ID_MIN || to->id > ID_MAX)
		return fail(p, "`sql_id` must be a 32-bit integer");
	to->has_id = true;
	return true;
}

static bool
take_args(struct parse *p, struct str list, struct hrana_stmt *to)
{
	struct json_walk walk;
	struct json_item item;

	if (is_absent(list))
		return true;
	if (!is_shape(p, list, JSON_ARRAY, "args"))
		return false;
	json_walk(&walk, p->mem, list);
	while (json_next(&walk, &item)) {
		to->args = grow(p, to->args, to->n, sizeof(*to->args));
		if (!to->args)
			return false;
		to->args[to->n] = (struct hrana_arg){ .name = { NULL, 0 } };
		if (!take_value(p, item.value, &to->args[to->n].value))
			return false;
		to->n++;
		to->has_positions = true;
	}
	return true;
}

static bool
take_named_args(struct parse *p, struct str list, struct hrana_stmt *to)
{
	struct json_walk walk;
	struct json_item item;

	if (is_absent(list))
		return true;
	if (!is_shape(p, list, JSON_ARRAY, "named_args"))
		return false;
	json_walk(&walk, p->mem, list);
	while (json_next(&walk, &item)) {
		struct slot m[] = { { "name", { 0 } }, { "value", { 0 } } };
		struct hrana_arg arg = { .name = { NULL, 0 } };

		to->args = grow(p, to->args, to->n, sizeof(*to->args));
		if (!to->args ||
		    !take_members(p, item.value, "named_args", m,
			ARRAY_LEN(m)) ||
		    !take_text(p, m[0].value, "name", &arg.name) ||
		    !take_value(p, m[1].value, &arg.value))
			return false;
		to->args[to->n++] = arg;
		to->has_names = true;
	}
	return true;
}

static bool
take_stmt(struct parse *p, struct str value, struct hrana_stmt *to)
{
	struct slot m[] = { { "sql", { 0 } }, { "sql_id", { 0 } },
		{ "args", { 0 } }, { "named_args", { 0 } },
		{ "want_rows", { 0 } } };

	to->want_rows = true;
	if (!take_members(p, value, "stmt", m, ARRAY_LEN(m)) ||
	    !take_sql(p, m[0].value, m[1].value, &to->sql) ||
	    !take_args(p, m[2].value, to) ||
	    !take_named_args(p, m[3].value, to))
		return false;
	if (is_absent(m[4].value))
		return true;
	to->want_rows = json_is_true(m[4].value);
	return is_shape(p, m[4].value, JSON_BOOL, "want_rows");
}

static struct hrana_cond *take_cond(struct parse *, struct str);

/* NULL with a sentence. */
static struct hrana_cond *
take_conds(struct parse *p, struct str list, struct hrana_cond *to)
{
	struct hrana_cond **end = &to->first;
	struct json_walk walk;
	struct json_item item;

	if (!is_shape(p, list, JSON_ARRAY, "conds"))
		return NULL;
	json_walk(&walk, p->mem, list);
	while (json_next(&walk, &item)) {
		*end = take_cond(p, item.value);
		if (!*end)
			return NULL;
		end = &(*end)->next;
	}
	return to;
}

static struct hrana_cond *
take_cond_step(struct parse *p, struct str value, struct hrana_cond *to)
{
	int64_t step;

	if (!is_shape(p, value, JSON_NUMBER, "step"))
		return NULL;
	if (!json_to_int(value, &step) || step < 0 || step > UINT32_MAX) {
		fail(p, "`step` must be a 32-bit integer");
		return NULL;
	}
	if ((uint64_t)step >= p->steps) {
		fail(p, "Invalid reference to step in a batch condition");
		return NULL;
	}
	to->step = (size_t)step;
	return to;
}

/* It calls itself for nested conditions, at most DEPTH times. */
static struct hrana_cond *
take_cond(struct parse *p, struct str value)
{
	static const char *const kinds[] = { "ok", "error", "not", "and", "or",
		"is_autocommit" };
	struct slot m[] = { { "type", { 0 } }, { "step", { 0 } },
		{ "cond", { 0 } }, { "conds", { 0 } } };
	struct hrana_cond *to = arena_alloc(p->mem, sizeof(*to));
	int kind;

	if (!to)
		fail(p, "the request needs too much memory");
	if (!to || !take_members(p, value, "condition", m, ARRAY_LEN(m)))
		return NULL;
	kind = take_type(p, m[0].value, kinds, ARRAY_LEN(kinds));
	if (kind < 0)
		return NULL;
	to->kind = (enum hrana_cond_kind)kind;
	switch (to->kind) {
	case HRANA_IF_OK:
	case HRANA_IF_ERROR:
		return take_cond_step(p, m[1].value, to);
	case HRANA_IF_NOT:
		if (!is_shape(p, m[2].value, JSON_OBJECT, "cond"))
			return NULL;
		to->first = take_cond(p, m[2].value);
		return to->first ? to : NULL;
	case HRANA_IF_ALL:
	case HRANA_IF_ANY:
		return take_conds(p, m[3].value, to);
	case HRANA_IF_AUTOCOMMIT:
		if (p->version >= 3)
			return to;
		fail(p,
		    "BatchCond of type `is_autocommit` is only supported "
		    "in protocol version hrana3 and higher");
		break;
	}
	return NULL;
}

static bool
take_batch(struct parse *p, struct str value, struct hrana_batch *to)
{
	struct slot m[] = { { "steps", { 0 } } };
	struct json_walk walk;
	struct json_item item;

	if (!take_members(p, value, "batch", m, ARRAY_LEN(m)) ||
	    !is_shape(p, m[0].value, JSON_ARRAY, "steps"))
		return false;
	json_walk(&walk, p->mem, m[0].value);
	for (to->n = 0; json_next(&walk, &item); to->n++) {
		struct slot s[] = { { "condition", { 0 } }, { "stmt", { 0 } } };
		struct hrana_batch_step *step;

		to->steps = grow(p, to->steps, to->n, sizeof(*to->steps));
		if (!to->steps ||
		    !take_members(p, item.value, "steps", s, ARRAY_LEN(s)))
			return false;
		step = &to->steps[to->n];
		*step = (struct hrana_batch_step){ .condition = NULL };
		p->steps = to->n;
		if (!is_absent(s[0].value)) {
			step->condition = take_cond(p, s[0].value);
			if (!step->condition)
				return false;
		}
		if (!take_stmt(p, s[1].value, &step->stmt))
			return false;
	}
	return true;
}

static bool
take_request(struct parse *p, struct str value, struct hrana_request *to)
{
	static const char *const kinds[] = { "close", "execute", "batch",
		"sequence", "describe", "store_sql", "close_sql",
		"get_autocommit" };
	struct slot m[] = { { "type", { 0 } }, { "stmt", { 0 } },
		{ "batch", { 0 } }, { "sql", { 0 } }, { "sql_id", { 0 } } };
	int kind;

	*to = (struct hrana_request){ .kind = HRANA_CLOSE };
	if (!take_members(p, value, "requests", m, ARRAY_LEN(m)))
		return false;
	kind = take_type(p, m[0].value, kinds, ARRAY_LEN(kinds));
	if (kind < 0)
		return false;
	to->kind = (enum hrana_request_kind)kind;
	switch (to->kind) {
	case HRANA_EXECUTE:
		return take_stmt(p, m[1].value, &to->stmt);
	case HRANA_BATCH:
		return take_batch(p, m[2].value, &to->batch);
	case HRANA_SEQUENCE:
	case HRANA_DESCRIBE:
		return take_sql(p, m[3].value, m[4].value, &to->sql);
	case HRANA_STORE_SQL:
		return is_shape(p, m[3].value, JSON_TEXT, "sql") &&
		    is_shape(p, m[4].value, JSON_NUMBER, "sql_id") &&
		    take_sql(p, m[3].value, m[4].value, &to->sql);
	case HRANA_CLOSE_SQL:
		return is_shape(p, m[4].value, JSON_NUMBER, "sql_id") &&
		    take_sql(p, (struct str){ NULL, 0 }, m[4].value, &to->sql);
	case HRANA_CLOSE:
		return true;
	case HRANA_GET_AUTOCOMMIT:
		break;
	}
	return p->version >= 3 ||
	    fail(p,
		"The `get_autocommit` request is only supported in "
		"protocol version hrana3 and higher");
}

static bool
take_requests(struct parse *p, struct str list, struct hrana_body *to)
{
	struct json_walk walk;
	struct json_item item;

	if (!is_shape(p, list, JSON_ARRAY, "requests"))
		return false;
	json_walk(&walk, p->mem, list);
	for (to->n = 0; json_next(&walk, &item); to->n++) {
		to->requests =
		    grow(p, to->requests, to->n, sizeof(*to->requests));
		if (!to->requests ||
		    !take_request(p, item.value, &to->requests[to->n]))
			return false;
	}
	return true;
}

/* A cursor runs one batch. */
static bool
take_cursor(struct parse *p, struct str batch, struct hrana_body *to)
{
	to->requests = arena_alloc(p->mem, sizeof(*to->requests));
	to->n = 1;
	if (!to->requests)
		return fail(p, "the request needs too much memory");
	to->requests[0].kind = HRANA_BATCH;
	return take_batch(p, batch, &to->requests[0].batch);
}

static bool
take_body(struct parse *p, const struct hrana_order *order,
    struct hrana_body *to)
{
	struct slot m[] = { { "baton", { 0 } }, { "requests", { 0 } },
		{ "batch", { 0 } } };

	if (!take_members(p, str_trim(order->body), "body", m, ARRAY_LEN(m)))
		return false;
	if (!is_absent(m[0].value) &&
	    !take_text(p, m[0].value, "baton", &to->baton))
		return false;
	return order->kind == HRANA_CURSOR ? take_cursor(p, m[2].value, to)
					   : take_requests(p, m[1].value, to);
}

bool
hrana_parse(struct arena *mem, const struct hrana_order *order,
    struct hrana_body *to, const char **why)
{
	struct parse p = { .mem = mem, .version = order->version };
	struct json_fault fault;
	bool good;

	*to = (struct hrana_body){ .baton = { NULL, 0 } };
	if (json_check(order->body, DEPTH, NULL, &fault))
		good = take_body(&p, order, to);
	else
		good = fail(&p, "%s at byte %zu", fault.reason, fault.at);
	*why = p.why;
	return good;
}
