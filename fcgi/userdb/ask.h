/*
 * ask: statements that io7 itself runs in a user's database, also outside of a
 * request.
 *
 * The statements run in order until one fails, as one transaction unless the
 * caller says otherwise. They are not charged.
 *
 * Owns:   the text of the pipeline and of its answer, in the arena.
 * Limit:  IO7_DATABASE_RESULT_MAX bytes of results.
 */
#ifndef IO7_FCGI_USERDB_ASK_H
#define IO7_FCGI_USERDB_ASK_H

#include "fcgi/userdb/registry.h"
#include "lib/json/json.h"

/* The caller sets the first members, and leaves the others zero. */
struct userdb_ask {
	const struct service *service;
	struct arena *mem;
	struct userdb *db; /* its size is updated */
	bool may_write;
	uint64_t size_max;   /* userdb_size_max(), if it may write */
	bool no_transaction; /* for one statement, or for some with their own */
	int64_t deadline_ns;

	/* Of a failure. */
	const char *why;  /* a sentence that the user may read */
	const char *code; /* of a statement's error, as Hrana has it, or NULL */
	size_t at; /* the statement, from 0; their number if it is unknown */

	struct buf steps;
	size_t n; /* statements */
	bool has_args;
	struct str results; /* JSON: a result or null for each step */
};

/*
 * Finds the database of a user and creates it if it is pending, for work outside
 * of a request; inside one, userdb_find() is quicker. E_MISDIRECTED: it is on
 * another host. *why is a sentence that the user may read.
 */
enum err userdb_open(const struct service *, struct arena *, struct uuid user,
    enum mode mode, struct userdb *, const char **why) MUST_CHECK;

/* Adds a statement. */
void userdb_ask_sql(struct userdb_ask *, struct str sql);
/* The next argument of the last statement. A text without p is NULL. */
void userdb_ask_text(struct userdb_ask *, struct str);
void userdb_ask_int(struct userdb_ask *, int64_t);

/*
 * Runs the statements. E_CONFLICT: a constraint. E_STORAGE_FULL: the plan's
 * storage, or the disk. E_BAD_REQUEST: another error of a statement.
 * E_UNAVAILABLE: locked for too long, or not reached. E_TIMEOUT.
 */
enum err userdb_ask_run(struct userdb_ask *) MUST_CHECK;

/* The result of a statement. */
struct userdb_rows {
	struct arena *mem;
	struct str columns, rows; /* raw JSON */
	struct json_walk walk;
	int64_t changed; /* rows that it inserted, updated or deleted */
};

/* E_INTERNAL: the answer is not that of a database. */
enum err userdb_rows(struct userdb_ask *, size_t statement,
    struct userdb_rows *) MUST_CHECK;
/*
 * Reads the first n columns of the next row, as text: a NULL has no p, and a blob
 * is base64. A column that does not exist is NULL. False after the last row.
 */
bool userdb_next_row(struct userdb_rows *, struct str *cells, size_t n);
/* The member of a JSON object, raw; without p if there is none. */
struct str userdb_member(struct arena *, struct str object, const char *name);

#endif
