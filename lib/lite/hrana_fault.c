/*
 * Codes and sentences of faults, as sqld has them: the primary code of SQLite by
 * its name, and "SQLITE_UNKNOWN" for SQLITE_ERROR.
 */
#include "lib/lite/hrana_impl.h"

#include <sqlite3.h>

enum { QUOTED_MAX = 200 };

static const struct {
	int rc;
	const char *code;
} codes[] = {
	{ SQLITE_INTERNAL, "SQLITE_INTERNAL" },
	{ SQLITE_PERM, "SQLITE_PERM" },
	{ SQLITE_ABORT, "SQLITE_ABORT" },
	{ SQLITE_BUSY, "SQLITE_BUSY" },
	{ SQLITE_LOCKED, "SQLITE_LOCKED" },
	{ SQLITE_NOMEM, "SQLITE_NOMEM" },
	{ SQLITE_READONLY, "SQLITE_READONLY" },
	{ SQLITE_INTERRUPT, "SQLITE_INTERRUPT" },
	{ SQLITE_IOERR, "SQLITE_IOERR" },
	{ SQLITE_CORRUPT, "SQLITE_CORRUPT" },
	{ SQLITE_NOTFOUND, "SQLITE_NOTFOUND" },
	{ SQLITE_FULL, "SQLITE_FULL" },
	{ SQLITE_CANTOPEN, "SQLITE_CANTOPEN" },
	{ SQLITE_PROTOCOL, "SQLITE_PROTOCOL" },
	{ SQLITE_SCHEMA, "SQLITE_SCHEMA" },
	{ SQLITE_TOOBIG, "SQLITE_TOOBIG" },
	{ SQLITE_CONSTRAINT, "SQLITE_CONSTRAINT" },
	{ SQLITE_MISMATCH, "SQLITE_MISMATCH" },
	{ SQLITE_MISUSE, "SQLITE_MISUSE" },
	{ SQLITE_NOLFS, "SQLITE_NOLFS" },
	{ SQLITE_AUTH, "SQLITE_AUTH" },
	{ SQLITE_RANGE, "SQLITE_RANGE" },
	{ SQLITE_NOTADB, "SQLITE_NOTADB" },
};

#define NO_MEMORY "out of memory"

static const char *
code_of(int rc)
{
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (codes[i].rc == (rc & 0xFF))
			return codes[i].code;
	return "SQLITE_UNKNOWN";
}

struct hrana_fault
hrana_fault_of_code(struct arena *mem, int rc, const char *why)
{
	return (struct hrana_fault){ text_printf(mem, NO_MEMORY,
					 "SQLite error: %s", why),
		code_of(rc) };
}

struct hrana_fault
hrana_fault_of_step(struct arena *mem, const struct lite *l, int rc)
{
	const char *why = sqlite3_errmsg(lite_db(l));

	if (lite_is_late(l))
		why = "interrupted: the statement took too long";
	return hrana_fault_of_code(mem, rc, why);
}

struct hrana_fault
hrana_fault_of_prepare(struct arena *mem, const struct lite *l,
    enum lite_fault kind, struct str sql, int offset)
{
	const char *why = sqlite3_errmsg(lite_db(l));
	size_t n = sql.n < QUOTED_MAX ? sql.n : QUOTED_MAX;

	switch (kind) {
	case LITE_NOT_ALLOWED:
		return (struct hrana_fault){
			text_printf(mem, NO_MEMORY,
			    "SQL string could not be parsed: unsupported "
			    "statement: %.*s",
			    (int)n, sql.p),
			"SQL_PARSE_ERROR"
		};
	case LITE_SYNTAX:
		return (struct hrana_fault){
			text_printf(mem, NO_MEMORY,
			    "SQL string could not be parsed: %s", why),
			"SQL_PARSE_ERROR"
		};
	case LITE_INPUT:
		return (struct hrana_fault){
			text_printf(mem, NO_MEMORY,
			    "SQL input error: %s (at offset %d)", why, offset),
			"SQL_INPUT_ERROR"
		};
	case LITE_FINE:
	case LITE_FAILED:
		break;
	}
	return hrana_fault_of_step(mem, l, sqlite3_errcode(lite_db(l)));
}

void
hrana_write_fault(struct buf *b, const struct hrana_fault *f)
{
	buf_puts(b, "{\"message\":");
	buf_json(b, str_of(f->message));
	buf_puts(b, ",\"code\":");
	buf_json(b, str_of(f->code));
	buf_putc(b, '}');
}
