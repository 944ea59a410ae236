/*
 * lite: connections to one SQLite database, for statements that nobody trusts.
 *
 * Owns:   connections and their prepared statements, and what a statement may
 *         do: no other file, no extension, no pragma that is not listed, bounded
 *         time, memory and size.
 * Not:    results: lib/lite/hrana.h steps statements and reads their columns.
 * Limit:  one thread, and one process for each file: no other one can open it.
 *         LITE_STATEMENTS prepared statements are kept for each connection.
 */
#ifndef IO7_LIB_LITE_LITE_H
#define IO7_LIB_LITE_LITE_H

#include "lib/base/str.h"

enum {
	LITE_SQL_MAX = 1 << 20,    /* bytes of one statement */
	LITE_VALUE_MAX = 16 << 20, /* bytes of a text, a blob or a row */
	LITE_ARGS_MAX = 32766,     /* parameters of a statement */
	LITE_STATEMENTS = 32,
	LITE_WATCH_STEPS =
	    4096, /* instructions between two looks at the clock */
};

struct sqlite3;
struct sqlite3_stmt;
struct lite;

/*
 * Prepares the library for this process; the heap is in bytes. Only the first
 * call has an effect.
 */
bool lite_start(uint64_t heap) MUST_CHECK;
/* Cryptographically random bytes; false if the system has none. */
bool lite_random(void *, size_t n) MUST_CHECK;

/*
 * A code of SQLite; with `make`, creates the file. If another process has it
 * open, waits that long. *why is a sentence, valid until the next call.
 */
int lite_open(const char *path, bool make, int64_t wait_ns, struct lite **,
    const char **why) MUST_CHECK;
/* Rolls back. NULL is ignored. */
void lite_close(struct lite *);
struct sqlite3 *lite_db(const struct lite *);

/*
 * Commits are on the disk once the log of the process's connections is. A code
 * of SQLite; after a failure, commits may be lost, and the process must end.
 */
int lite_sync(void) MUST_CHECK;
bool lite_is_synced(void);

/* Runs statements of ours, which may use every pragma; a code of SQLite. */
int lite_run(struct lite *, const char *sql) MUST_CHECK;
/* The first column of the first row of a statement of ours; 0 without one. */
int lite_ask(struct lite *, const char *sql, int64_t *) MUST_CHECK;
/* The same as text; what does not fit is cut. */
int lite_say(struct lite *, const char *sql, char *to, size_t size) MUST_CHECK;

/* --- Statements of clients ------------------------------------------------ */

struct lite_statement {
	struct sqlite3_stmt *stmt; /* NULL: the text has no statement */
	size_t length;             /* of the statement, in bytes of the text */
	bool is_change;            /* INSERT, REPLACE, UPDATE or DELETE */
	bool is_insert;
	bool reads; /* columns of a table */
};

enum lite_fault {
	LITE_FINE,
	LITE_NOT_ALLOWED, /* a statement that this service does not run */
	LITE_SYNTAX,
	LITE_INPUT, /* at *offset */
	LITE_FAILED,
};

enum lite_use {
	LITE_RUN,
	/*
	 * It will not run: a pragma that would set something is ignored,
	 * because SQLite sets it when it prepares.
	 */
	LITE_CHECK,
	LITE_DESCRIBE, /* the same, of the schema as it is now */
};

/*
 * Prepares the first statement of a text. The sentence of a fault is
 * sqlite3_errmsg().
 */
enum lite_fault lite_prepare(struct lite *, struct str sql, enum lite_use,
    struct lite_statement **, int *offset) MUST_CHECK;
/* Resets it, and keeps it for the same text. NULL is ignored. */
void lite_release(struct lite *, struct lite_statement *);
/* Releases all that are not lent, to be prepared anew. */
void lite_forget_statements(struct lite *);
/* Skips white space, comments and semicolons. */
struct str lite_skip_blanks(struct str sql);

/* When the running statement is interrupted. */
struct lite_watch {
	int64_t deadline_ns;
	bool (*is_unwanted)(void *); /* or NULL */
	void *to;
};
void lite_watch(struct lite *, const struct lite_watch *);
/* The deadline interrupted a statement since the last lite_watch(). */
bool lite_is_late(const struct lite *);

/* --- What a connection may do --------------------------------------------- */

/* Codes of SQLite. Both do nothing if it is that already. */
int lite_set_read_only(struct lite *, bool) MUST_CHECK;
bool lite_is_read_only(const struct lite *);
int lite_set_size_max(struct lite *, uint64_t bytes) MUST_CHECK;
/*
 * Rolls back, and brings the connection back to how it was opened. False if it
 * cannot: temporary objects or changed settings remain.
 */
bool lite_clean(struct lite *) MUST_CHECK;
/* The size of the database in bytes; a code of SQLite. */
int lite_size(struct lite *, uint64_t *) MUST_CHECK;
/*
 * Pages in the write-ahead log after the last commit of the connection; 0: it
 * has not committed since the last call.
 */
unsigned lite_log_pages(struct lite *);
/*
 * Reads the schema again if another connection has changed it: SQLite notices
 * that when it runs a statement, but not when it prepares one.
 */
int lite_renew(struct lite *) MUST_CHECK;
/* Frees memory that only makes later statements faster. */
void lite_shrink(struct lite *);

#endif
