/*
 * A trigger contains statements, so that only "; END ;" ends it. The words that
 * matter are counted as they come: CREATE [TEMP] TRIGGER begins one, also after
 * EXPLAIN [QUERY PLAN].
 */
#include "fcgi/cron/sql.h"

enum token {
	TOKEN_BLANK, /* also a comment */
	TOKEN_SEMICOLON,
	TOKEN_WORD,
	TOKEN_OTHER,
};

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '$' || c & 0x80;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

/* The length up to and with the end of a quoted text; 0: it does not end. */
static size_t
quoted(struct str s, char end)
{
	const char *at = memchr(s.p + 1, end, s.n - 1);

	return at ? (size_t)(at - s.p) + 1 : 0;
}

static size_t
line_comment(struct str s)
{
	const char *at = memchr(s.p, '\n', s.n);

	return at ? (size_t)(at - s.p) + 1 : s.n;
}

static size_t
block_comment(struct str s)
{
	for (size_t i = 2; i + 1 < s.n; i++)
		if (s.p[i] == '*' && s.p[i + 1] == '/')
			return i + 2;
	return 0;
}

static size_t
run_of(struct str s, bool (*belongs)(char))
{
	size_t n = 1;

	while (n < s.n && belongs(s.p[n]))
		n++;
	return n;
}

/* The length of the token at the front; 0: a quoted text that does not end. */
static size_t
token_at(struct str s, enum token *kind)
{
	char c = s.p[0], next = s.n > 1 ? s.p[1] : '\0';

	*kind = TOKEN_BLANK;
	if (is_blank(c))
		return run_of(s, is_blank);
	if (c == '-' && next == '-')
		return line_comment(s);
	if (c == '/' && next == '*')
		return block_comment(s);
	*kind = TOKEN_OTHER;
	if (c == '\'' || c == '"' || c == '`')
		return quoted(s, c);
	if (c == '[')
		return quoted(s, ']');
	*kind = c == ';' ? TOKEN_SEMICOLON : is_word(c) ? TOKEN_WORD : *kind;
	return *kind == TOKEN_WORD ? run_of(s, is_word) : 1;
}

/* --- Where a statement ends ----------------------------------------------- */

enum place {
	AT_BEGIN,
	IN_EXPLAIN,
	IN_CREATE,
	IN_PLAIN,
	IN_TRIGGER,
	AFTER_SEMICOLON, /* in a trigger */
	AFTER_END,       /* "; END" in a trigger */
	AT_END,
};

static bool
is(struct str word, const char *name)
{
	return str_eq_nocase(word, str_of(name));
}

static enum place
after_word(enum place at, struct str word)
{
	switch (at) {
	case AT_BEGIN:
		if (is(word, "EXPLAIN"))
			return IN_EXPLAIN;
		return is(word, "CREATE") ? IN_CREATE : IN_PLAIN;
	case IN_EXPLAIN:
		if (is(word, "QUERY") || is(word, "PLAN"))
			return IN_EXPLAIN;
		return is(word, "CREATE") ? IN_CREATE : IN_PLAIN;
	case IN_CREATE:
		if (is(word, "TEMP") || is(word, "TEMPORARY"))
			return IN_CREATE;
		return is(word, "TRIGGER") ? IN_TRIGGER : IN_PLAIN;
	case AFTER_SEMICOLON:
		return is(word, "END") ? AFTER_END : IN_TRIGGER;
	case AFTER_END:
		return IN_TRIGGER;
	default:
		return at;
	}
}

static enum place
after(enum place at, enum token kind, struct str text)
{
	switch (kind) {
	case TOKEN_BLANK:
		return at;
	case TOKEN_WORD:
		return after_word(at, text);
	case TOKEN_SEMICOLON:
		if (at == IN_TRIGGER || at == AFTER_SEMICOLON)
			return AFTER_SEMICOLON;
		return at == AT_BEGIN ? AT_BEGIN : AT_END;
	case TOKEN_OTHER:
		break;
	}
	return at == AFTER_SEMICOLON || at == AFTER_END || at == IN_TRIGGER
	    ? IN_TRIGGER
	    : IN_PLAIN;
}

bool
cron_sql_next(struct str *rest, struct str *statement)
{
	enum place at = AT_BEGIN;
	enum token kind;
	struct str text = { 0 };

	while (rest->n && at != AT_END) {
		size_t n = token_at(*rest, &kind);

		/* SQLite says what is wrong with a text that does not end. */
		n = n ? n : rest->n;
		at = after(at, kind, (struct str){ rest->p, n });
		if (at != AT_BEGIN && at != AT_END && kind != TOKEN_BLANK) {
			text.p = text.p ? text.p : rest->p;
			text.n = (size_t)(rest->p + n - text.p);
		}
		rest->p += n;
		rest->n -= n;
	}
	*statement = text;
	return text.p != NULL;
}

/* --- The whole ------------------------------------------------------------ */

static const char *
unfinished(struct str text)
{
	enum token kind;

	while (text.n) {
		size_t n = token_at(text, &kind);

		if (!n)
			return kind == TOKEN_BLANK
			    ? "The SQL ends inside a comment."
			    : "The SQL ends inside a quoted text.";
		text.p += n;
		text.n -= n;
	}
	return NULL;
}

bool
cron_sql_is(struct str statement, const char *word)
{
	enum token kind;

	return statement.n && is_word(statement.p[0]) &&
	    is((struct str){ statement.p, token_at(statement, &kind) }, word);
}

/* ROLLBACK [TRANSACTION] TO a savepoint. */
static bool
names_savepoint(struct str statement)
{
	enum token kind;

	while (statement.n) {
		size_t n = token_at(statement, &kind);

		if (!n ||
		    (kind == TOKEN_WORD &&
			is((struct str){ statement.p, n }, "TO")))
			return n > 0;
		statement.p += n;
		statement.n -= n;
	}
	return false;
}

/* Statements after which a transaction is open, or not: ROLLBACK TO keeps it. */
static bool
is_open_after(struct str statement, bool is_open)
{
	if (cron_sql_is(statement, "BEGIN"))
		return true;
	if (cron_sql_is(statement, "COMMIT") || cron_sql_is(statement, "END"))
		return false;
	return is_open &&
	    !(cron_sql_is(statement, "ROLLBACK") &&
		!names_savepoint(statement));
}

const char *
cron_sql_problem(struct str text)
{
	struct str rest = text, statement;
	bool is_open = false;
	size_t n = 0;

	for (; cron_sql_next(&rest, &statement); n++)
		is_open = is_open_after(statement, is_open);
	if (n > CRON_STATEMENTS)
		return "The SQL has more than 100 statements.";
	if (!n)
		return "The command sql needs a statement.";
	return is_open ? "The SQL begins a transaction and does not end it."
		       : unfinished(text);
}
