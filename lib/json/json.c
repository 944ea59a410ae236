/*
 * Trees by cJSON. cJSON accepts invalid JSON, so that our check comes first.
 * It also truncates strings at \u0000, which is refused here, and turns numbers
 * into doubles, so that json_int() is limited to 2^53.
 */
#include "lib/json/json.h"

#include <cjson/cJSON.h>

static const cJSON *
tree_of(const struct json *j)
{
	return (const cJSON *)j;
}

static const struct json *
json_of(const cJSON *tree)
{
	return (const struct json *)tree;
}

static void
release(void *tree)
{
	cJSON_Delete(tree);
}

static int
compare(const void *a, const void *b)
{
	const char *const *left = a, *const *right = b;

	return strcmp(*left, *right);
}

/* Sorts the names, so that a hostile object costs no quadratic time. */
static enum err
check_names(struct arena *mem, const cJSON *object, struct json_fault *fault)
{
	size_t n = (size_t)cJSON_GetArraySize(object), i = 0;
	const char **names = arena_alloc(mem, n * sizeof(names[0]));

	if (!names)
		return E_TOO_LARGE;
	for (const cJSON *child = object->child; child; child = child->next)
		names[i++] = child->string;
	qsort(names, n, sizeof(names[0]), compare);
	for (i = 1; i < n; i++) {
		if (strcmp(names[i - 1], names[i]) == 0) {
			*fault =
			    (struct json_fault){ 0, "a name is given twice" };
			return E_BAD_REQUEST;
		}
	}
	return OK;
}

/* The recursion is as deep as the check allowed. */
static enum err
check_all_names(struct arena *mem, const cJSON *tree, struct json_fault *fault)
{
	enum err e = OK;

	if (cJSON_IsObject(tree))
		e = check_names(mem, tree, fault);
	for (const cJSON *child = tree->child; child && !e; child = child->next)
		e = check_all_names(mem, child, fault);
	return e;
}

static bool
check_text(struct str text, struct json_fault *fault)
{
	struct json_facts facts;

	if (!json_check(text, JSON_TREE_DEPTH, &facts, fault))
		return false;
	if (facts.has_nul)
		fault->reason = "\\u0000 in a string";
	else if (facts.has_lone_surrogate)
		fault->reason = "half of a surrogate pair in a string";
	return !fault->reason;
}

enum err
json_parse(struct arena *mem, struct str text, const struct json **to,
    struct json_fault *fault)
{
	*fault = (struct json_fault){ 0 };
	if (text.n > JSON_TREE_TEXT)
		return E_TOO_LARGE;
	if (!check_text(text, fault))
		return E_BAD_REQUEST;

	cJSON *tree = cJSON_ParseWithLength(text.p, text.n);

	if (!tree) {
		fault->reason = "a number is too long, or no memory";
		return E_BAD_REQUEST;
	}
	if (!arena_defer(mem, release, tree))
		return E_TOO_LARGE;
	*to = json_of(tree);
	return check_all_names(mem, tree, fault);
}

const struct json *
json_get(const struct json *j, const char *name)
{
	return json_of(cJSON_GetObjectItemCaseSensitive(tree_of(j), name));
}

const struct json *
json_first(const struct json *j)
{
	return j ? json_of(tree_of(j)->child) : NULL;
}

const struct json *
json_after(const struct json *j)
{
	return j ? json_of(tree_of(j)->next) : NULL;
}

bool
json_is(const struct json *j, enum json_kind kind)
{
	static cJSON_bool (*const questions[])(const cJSON *) = {
		[JSON_NULL] = cJSON_IsNull,
		[JSON_BOOL] = cJSON_IsBool,
		[JSON_NUMBER] = cJSON_IsNumber,
		[JSON_TEXT] = cJSON_IsString,
		[JSON_ARRAY] = cJSON_IsArray,
		[JSON_OBJECT] = cJSON_IsObject,
	};

	return questions[kind](tree_of(j));
}

struct str
json_text(const struct json *j)
{
	const char *text = cJSON_GetStringValue(tree_of(j));

	return (struct str){ text, text ? strlen(text) : 0 };
}

bool
json_int(const struct json *j, int64_t *to)
{
	const double limit = 9007199254740992.0; /* 2^53 */
	const cJSON *tree = tree_of(j);

	if (!cJSON_IsNumber(tree) || !(tree->valuedouble > -limit) ||
	    !(tree->valuedouble < limit))
		return false;
	*to = (int64_t)tree->valuedouble;
	return (double)*to == tree->valuedouble;
}

bool
json_bool(const struct json *j, bool *to)
{
	*to = cJSON_IsTrue(tree_of(j));
	return cJSON_IsBool(tree_of(j));
}

bool
json_real(const struct json *j, double *to)
{
	if (!json_is(j, JSON_NUMBER))
		return false;
	*to = tree_of(j)->valuedouble;
	return true;
}
