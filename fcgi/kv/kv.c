/*
 * The rules for keys, values, patches and conditions.
 */
#include "fcgi/kv/kv.h"

#include "lib/json/json.h"

_Static_assert((int)KV_DEPTH_MAX <= (int)JSON_DEPTH_MAX,
    "the check covers every allowed level");

const char *
kv_key_problem(struct str key)
{
	size_t n = str_utf8_length(key);

	if (n == SIZE_MAX)
		return "must be UTF-8";
	if (n < 1 || n > KV_KEY_MAX)
		return "must be 1 to 256 characters";
	if (str_has_control(key, false))
		return "must not contain control characters";
	return NULL;
}

/*
 * jsonb prints a space after each comma and colon, which adds up to a half. The
 * digits that exponents stand for add up to a half too: see kv_check_value(). A
 * character of a key has up to four bytes.
 */
int64_t
kv_row_max(uint64_t body_max)
{
	return (int64_t)(2 * body_max + 4 * (uint64_t)KV_KEY_MAX) +
	    KV_ROW_BYTES;
}

static const char *
fact_problem(const struct json_facts *facts)
{
	if (facts->has_nul)
		return "must not contain \\u0000";
	if (facts->has_lone_surrogate)
		return "must not contain half of a surrogate pair";
	if (facts->digits > KV_DIGITS_MAX)
		return "must not contain a number of more than 1,000 "
		       "digits";
	return NULL;
}

enum err
kv_check_value(struct arena *mem, struct str text, unsigned depth,
    uint64_t body_max, const char **problem)
{
	struct json_facts facts;
	struct json_fault fault;
	struct buf b;

	*problem = "is empty; a JSON value is required";
	if (text.n == 0)
		return E_BAD_REQUEST;
	if (!json_check(text, depth, &facts, &fault)) {
		buf_init(&b, mem);
		buf_printf(&b, "must be JSON: %s, at byte %zu", fault.reason,
		    fault.at);
		*problem = buf_text(&b, fault.reason);
		return E_BAD_REQUEST;
	}
	*problem = fact_problem(&facts);
	if (*problem)
		return E_BAD_REQUEST;
	if (facts.implied > body_max / 2) {
		*problem =
		    "is too large when its numbers are written without exponents";
		return E_TOO_LARGE;
	}
	return OK;
}

/* The members of an operation that have a meaning (RFC 6902). */
static const char *const members[] = { "op", "path", "from", "value" };

static const char *
repeated_member(struct arena *mem, struct str operation)
{
	bool seen[ARRAY_LEN(members)] = { false };
	struct json_walk walk;
	struct json_item item;

	json_walk(&walk, mem, operation);
	while (json_next(&walk, &item))
		for (size_t i = 0; i < ARRAY_LEN(members); i++) {
			if (!str_eq(item.name, str_of(members[i])))
				continue;
			if (seen[i])
				return members[i];
			seen[i] = true;
		}
	return NULL;
}

const char *
kv_patch_problem(struct arena *mem, struct str patch)
{
	const char *member = NULL;
	struct json_walk walk;
	struct json_item item;
	size_t n = 0;
	struct buf b;

	json_walk(&walk, mem, patch);
	while (!member && json_next(&walk, &item)) {
		n++;
		if (json_kind(item.value) == JSON_OBJECT)
			member = repeated_member(mem, item.value);
	}
	if (!member)
		return NULL;
	buf_init(&b, mem);
	buf_printf(&b, "operation %zu: \"%s\" is given twice", n, member);
	return buf_text(&b, "has a member twice");
}

bool
kv_ttl(struct str text, struct opt_int64 *ttl)
{
	uint64_t seconds;

	if (!str_to_u64(text, &seconds) || seconds < 1 || seconds > KV_TTL_MAX)
		return false;
	*ttl = (struct opt_int64){ true, (int64_t)seconds };
	return true;
}

static bool
names(struct array versions, int64_t version)
{
	const int64_t *v = versions.items;

	for (size_t i = 0; i < versions.n; i++)
		if (v[i] == version || v[i] == KV_ANY)
			return true;
	return false;
}

bool
kv_fits(const struct kv_condition *c, int64_t version, int64_t updated_at)
{
	return (c->wanted.n == 0 || names(c->wanted, version)) &&
	    !names(c->unwanted, version) &&
	    (!c->changed_before.is || updated_at < c->changed_before.v);
}
