/*
 * Prepared statements are kept for each connection, by their text: preparing a
 * short statement costs more than running it. The one unused for the longest
 * time makes room.
 *
 * Statements that set something while they are prepared, and those that change
 * the schema, are not kept.
 */
#include "lib/lite/lite_impl.h"

#include "lib/base/fnv.h"

#include <sqlite3.h>

static struct str
skip(struct str s, size_t n)
{
	n = n < s.n ? n : s.n;
	return (struct str){ s.p + n, s.n - n };
}

static size_t
comment_length(struct str s)
{
	bool is_block = str_starts(s, STR("/*"));
	size_t n = 2;

	if (!is_block && !str_starts(s, STR("--")))
		return 0;
	for (; n < s.n; n++) {
		if (!is_block && s.p[n] == '\n')
			return n + 1;
		if (is_block && str_starts(skip(s, n), STR("*/")))
			return n + 2;
	}
	return n;
}

struct str
lite_skip_blanks(struct str s)
{
	while (s.n) {
		size_t n =
		    memchr(" \t\n\f\r;", s.p[0], 6) ? 1 : comment_length(s);

		if (n == 0)
			break;
		s = skip(s, n);
	}
	return s;
}

static struct str
keyword(struct str s)
{
	size_t n = 0;

	s = lite_skip_blanks(s);
	while (n < s.n && ((s.p[n] | 32) >= 'a' && (s.p[n] | 32) <= 'z'))
		n++;
	return (struct str){ s.p, n };
}

/* Statements that are kept, and what is known of them by their first word. */
static const struct {
	const char *word;
	bool is_change, is_insert;
} kinds[] = {
	{ "SELECT", false, false },
	{ "WITH", false, false },
	{ "VALUES", false, false },
	{ "INSERT", true, true },
	{ "REPLACE", true, true },
	{ "UPDATE", true, false },
	{ "DELETE", true, false },
	{ "BEGIN", false, false },
	{ "COMMIT", false, false },
	{ "END", false, false },
	{ "ROLLBACK", false, false },
};

static bool
classify(struct lite *l, struct str sql, struct lite_statement *s)
{
	struct str word = keyword(sql);

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (!str_eq_nocase(word, str_of(kinds[i].word)))
			continue;
		s->is_change = kinds[i].is_change;
		s->is_insert = kinds[i].is_insert;
		if (str_eq_nocase(word, STR("WITH"))) {
			s->is_change = !sqlite3_stmt_readonly(s->stmt);
			s->is_insert = s->is_change && l->seen.inserts;
		}
		return true;
	}
	return false;
}

static void
forget(struct lite_kept *k)
{
	sqlite3_finalize(k->s.stmt);
	free(k->text);
	free(k);
}

void
lite_forget_statements(struct lite *l)
{
	for (size_t i = 0; i < LITE_STATEMENTS; i++) {
		if (!l->kept[i] || l->kept[i]->is_lent)
			continue;
		forget(l->kept[i]);
		l->kept[i] = NULL;
	}
}

static struct lite_kept *
find(struct lite *l, struct str sql, uint64_t hash)
{
	for (size_t i = 0; i < LITE_STATEMENTS; i++) {
		struct lite_kept *k = l->kept[i];

		if (k && k->hash == hash && !k->is_lent &&
		    str_eq((struct str){ k->text, k->n }, sql))
			return k;
	}
	return NULL;
}

/* In a free place or in that of the statement unused for the longest time. */
static void
keep(struct lite *l, struct lite_kept *k, struct str sql, uint64_t hash)
{
	size_t place = LITE_STATEMENTS;

	for (size_t i = 0; i < LITE_STATEMENTS; i++) {
		if (!l->kept[i]) {
			place = i;
			break;
		}
		if (!l->kept[i]->is_lent &&
		    (place == LITE_STATEMENTS ||
			l->kept[i]->used < l->kept[place]->used))
			place = i;
	}
	if (place == LITE_STATEMENTS)
		return;
	k->text = malloc(sql.n ? sql.n : 1);
	if (!k->text)
		return;
	memcpy(k->text, sql.p, sql.n);
	k->n = sql.n;
	k->hash = hash;
	if (l->kept[place])
		forget(l->kept[place]);
	l->kept[place] = k;
}

/* SQLite marks neither syntax errors nor an offset by a code of its own. */
static enum lite_fault
fault_of(struct lite *l, int *offset)
{
	const char *why = sqlite3_errmsg(l->db);
	size_t n = strlen(why);

	if (l->seen.refused)
		return LITE_NOT_ALLOWED;
	*offset = sqlite3_error_offset(l->db);
	if (sqlite3_errcode(l->db) != SQLITE_ERROR)
		return LITE_FAILED;
	if ((n > 14 && strcmp(why + n - 14, ": syntax error") == 0) ||
	    strcmp(why, "incomplete input") == 0 ||
	    strncmp(why, "unrecognized token", 18) == 0)
		return LITE_SYNTAX;
	return *offset >= 0 ? LITE_INPUT : LITE_FAILED;
}

#ifndef LITE_NO_AUTHORIZER
/* The authorizer is not asked about VACUUM. */
static bool
is_refused(struct str sql)
{
	return str_eq_nocase(keyword(sql), STR("VACUUM"));
}
#else
static bool
is_refused(struct str sql)
{
	(void)sql;
	return false;
}
#endif

static enum lite_fault
prepare(struct lite *l, struct str sql, struct lite_kept *k, unsigned flags,
    int *offset)
{
	const char *tail = sql.p;
	int rc;

	l->seen = (struct lite_seen){ .refused = is_refused(sql) };
	if (l->seen.refused)
		return LITE_NOT_ALLOWED;
	rc = sqlite3_prepare_v3(l->db, sql.p, (int)sql.n, flags, &k->s.stmt,
	    &tail);
	if (rc != SQLITE_OK)
		return fault_of(l, offset);
	k->s.length = (size_t)(tail - sql.p);
	k->s.reads = l->seen.reads;
	return LITE_FINE;
}

static enum lite_fault
prepare_new(struct lite *l, struct str sql, enum lite_use use,
    struct lite_kept **to, int *offset)
{
	struct lite_kept *k = calloc(1, sizeof(*k));
	enum lite_fault fault;

	if (!k)
		return LITE_FAILED;
	l->is_described = use != LITE_RUN;
	fault = prepare(l, sql, k,
	    sql.n <= LITE_KEPT_TEXT ? SQLITE_PREPARE_PERSISTENT : 0, offset);
	l->is_described = false;
	if (fault == LITE_FINE)
		*to = k;
	else
		free(k);
	return fault;
}

enum lite_fault
lite_prepare(struct lite *l, struct str sql, enum lite_use use,
    struct lite_statement **to, int *offset)
{
	bool may_keep = sql.n <= LITE_KEPT_TEXT && use != LITE_DESCRIBE;
	uint64_t hash = may_keep ? fnv(FNV_START, sql.p, sql.n) : 0;
	struct lite_kept *k = may_keep ? find(l, sql, hash) : NULL;
	enum lite_fault fault;

	*to = NULL;
	*offset = -1;
	if (!k) {
		fault = prepare_new(l, sql, use, &k, offset);
		if (fault != LITE_FINE)
			return fault;
		if (classify(l, sql, &k->s) && may_keep)
			keep(l, k, sql, hash);
	}
	k->is_lent = true;
	k->used = ++l->count;
	*to = &k->s;
	return LITE_FINE;
}

void
lite_release(struct lite *l, struct lite_statement *s)
{
	struct lite_kept *k = (struct lite_kept *)s;

	(void)l;
	if (!k)
		return;
	k->is_lent = false;
	if (!k->text) {
		forget(k);
		return;
	}
	sqlite3_reset(s->stmt);
	sqlite3_clear_bindings(s->stmt);
}
