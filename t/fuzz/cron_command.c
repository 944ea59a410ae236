/*
 * Fuzzing commands of cron jobs: any text is a command or gets a sentence, what
 * is read lies within bounds, and SQL is split where sqlite3_complete() does it.
 */
#include "fcgi/cron/command.h"
#include "fcgi/cron/sql.h"
#include "t/fuzz/fuzz.h"

#include <sqlite3.h>

static struct arena *mem;

static bool
is_within(struct str part, struct str whole)
{
	return part.p >= whole.p && part.p + part.n <= whole.p + whole.n;
}

static bool
is_sound(const struct cron_command *c, struct str text)
{
	switch (c->verb) {
	case CRON_HTTP:
		return c->method.n && is_within(c->url, text) && c->url.n &&
		    (!c->body.p || is_within(c->body, text));
	case CRON_KV_TRANSFORM:
		return c->key.n && c->program.n && is_within(c->program, text);
	case CRON_SQL:
		return c->sql.n && is_within(c->sql, text);
	case CRON_HEARTBEAT:
		return c->grace_s >= 1 && c->grace_s <= CRON_GRACE_MAX_S;
	}
	return false;
}

static bool
parses(struct str text)
{
	struct cron_command c;
	const char *problem = NULL;

	if (cron_command_parse(mem, text, &c, &problem) == OK)
		return !problem && is_sound(&c, text);
	return problem && strlen(problem) > 10 &&
	    problem[strlen(problem) - 1] == '.' && str_is_utf8(str_of(problem));
}

/* sqlite3_complete() of the text with that many bytes. */
static bool
is_complete(struct str text, const char *end)
{
	struct buf b;

	buf_init(&b, mem);
	buf_str(&b, text);
	buf_puts(&b, end);
	buf_putc(&b, '\0');
	return sqlite3_complete(b.p);
}

static bool
splits(struct str text)
{
	struct str rest = text, statement;

	if (memchr(text.p, '\0', text.n) || cron_sql_problem(text))
		return true;
	while (cron_sql_next(&rest, &statement)) {
		if (!is_within(statement, text))
			return false;
		/* A trigger that does not end is the last statement. */
		if (rest.n && !is_complete(statement, "\n;"))
			return false;
		for (size_t n = 1; n < statement.n; n++)
			if (statement.p[n - 1] == ';' &&
			    is_complete((struct str){ statement.p, n }, ""))
				return false;
	}
	return true;
}

static bool
fuzz_holds(struct str text)
{
	if (!mem)
		mem = arena_new(64 << 20);
	arena_reset(mem);
	return parses(text) && splits(text);
}

#ifndef FUZZ_ENGINE

static void
fuzz_make(struct fuzz *f)
{
	static const char *const begins[] = { "http ", "http GET ",
		"http POST http://a/ ", "kv transform ", "kv transform \"a",
		"sql ", "sql ", "heartbeat ", "function ", "", " " };
	static const char *const pieces[] = { "GET", "post", "http://",
		"https://a.b/", "{", "}", "\"", "\"", "\\", "'", "'", "`", "[",
		"]", ";", ";", ";", "--", "\n", "/*", "*/", " ", " ", "\t",
		"CREATE", "TEMP", "TRIGGER ", "BEGIN", "END", "END;",
		"EXPLAIN ", "QUERY PLAN", "SELECT 1", "key", ".a", "10m", "1",
		"99999999999999999999", "d", "\xC3\xA9", "\xC3", "\x01", "null",
		"true", "," };

	buf_puts(&f->text, FUZZ_PICK(f, begins));
	for (size_t i = fuzz_below(f, 14); i; i--)
		buf_puts(&f->text, FUZZ_PICK(f, pieces));
}

#endif
