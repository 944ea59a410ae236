/*
 * hrana: the libSQL protocol over one SQLite database: pipelines, cursors, and
 * the streams that they continue.
 *
 * Owns:   the connections. A stream is a connection, perhaps with an open
 *         transaction, that a client names by a baton.
 * Not:    HTTP, accounts and processes: a keeper runs it for one database.
 * Limit:  those of struct hrana_bounds. One thread; a run that waits for a lock
 *         or for its reader lets others run.
 */
#ifndef IO7_LIB_LITE_HRANA_H
#define IO7_LIB_LITE_HRANA_H

#include "lib/base/err.h"
#include "lib/base/str.h"

enum {
	HRANA_CHARGE = 100, /* statements that a run begins for a credit */
};

struct hrana_bounds {
	int64_t statement_ns; /* a statement is interrupted after that time */
	int64_t lock_ns;  /* to wait for one transaction of another stream */
	int64_t idle_ns;  /* an idle stream is rolled back after that time */
	uint64_t heap;    /* bytes of memory of SQLite, in all */
	uint64_t result;  /* bytes of the answer to a pipeline */
	unsigned streams; /* open at the same time */
	unsigned waiters; /* runs that wait for another stream's transaction */
};

/* A step of the schema that io7 gives to each database, in order from 1. */
struct hrana_schema {
	const char *const *steps;
	size_t n;
};

struct hrana;

/*
 * Opens the file; with `make`, creates it if it is missing. Applies the steps
 * of the schema that it lacks. E_NOT_FOUND: there is no file. E_CONFLICT: the
 * schema is of a newer program. E_INTERNAL: the file is damaged. E_STORAGE_FULL:
 * the disk is full. E_UNAVAILABLE: another process still has the file open after
 * lock_ns and statement_ns, or there is no memory. *why is a sentence for the
 * log.
 */
enum err hrana_open(const char *path, bool make, const struct hrana_bounds *,
    const struct hrana_schema *, struct hrana **, const char **why) MUST_CHECK;
/* Rolls every stream back and writes the log back into the database. */
void hrana_close(struct hrana *);

enum hrana_kind { HRANA_PIPELINE, HRANA_CURSOR };

struct hrana_order {
	enum hrana_kind kind;
	int version; /* 2 or 3 */
	bool may_write;
	uint64_t size_max; /* bytes that the database may have */
	struct str body;   /* JSON; valid until hrana_end() */
	/* Asked now and then while a statement runs; true interrupts it. */
	bool (*is_unwanted)(void *);
	void *to;
};

enum hrana_state {
	HRANA_OUTPUT, /* there is output to send; then call again */
	HRANA_LOCKED, /* call again when another run ended, or when due */
	HRANA_CREDIT, /* call hrana_allow() before the next call */
	HRANA_DONE,
};

struct hrana_total {
	int status; /* of HTTP; 200 unless the stream is dead */
	uint64_t statements, rows_read, rows_written;
};

struct hrana_run;

/* NULL without memory. The run's memory is the arena's. */
struct hrana_run *hrana_begin(struct hrana *, struct arena *,
    const struct hrana_order *);
/*
 * Continues, and appends to the output, which the caller may empty between two
 * calls. A pipeline has all its output at the end; a cursor, some after each
 * 64 KiB of rows.
 */
enum hrana_state hrana_step(struct hrana_run *, struct buf *out);
/* True: HRANA_CHARGE further statements may run; false: the run fails. */
void hrana_allow(struct hrana_run *, bool);
/* When to call again after HRANA_LOCKED. */
int64_t hrana_due(const struct hrana_run *);
const struct hrana_total *hrana_total(const struct hrana_run *);
/* Ends a run, complete or not. A stream that was not completed is closed. */
void hrana_end(struct hrana_run *);

/* Rolls back idle streams; returns when to call again, or 0: none is open. */
int64_t hrana_sweep(struct hrana *);
unsigned hrana_streams(const struct hrana *);
/* Those of them that are in a transaction. */
unsigned hrana_transactions(const struct hrana *);
/*
 * When no run is active and none is expected soon: frees memory, and some of the
 * pages that the database does not need. True: more of them are left.
 */
bool hrana_rest(struct hrana *);

/* The size in bytes, and the schema's version. */
struct hrana_facts {
	uint64_t size;
	int schema;
};
enum err hrana_facts(struct hrana *, struct hrana_facts *) MUST_CHECK;

/*
 * Asked now and then while a file is loaded or checked, which runs the SQL of its
 * schema; true interrupts that.
 */
void hrana_watch(struct hrana *, bool (*is_unwanted)(void *), void *to);

/*
 * Copies the database, as it is now, into a new file at that path. Runs may go
 * on between two steps; the copy has none of their changes.
 */
struct hrana_save;
enum err hrana_save_begin(struct hrana *, const char *path,
    struct hrana_save **, const char **why) MUST_CHECK;
enum err hrana_save_step(struct hrana_save *, bool *done, const char **why)
    MUST_CHECK;
/* Also ends a copy that is not complete. NULL is ignored. */
void hrana_save_end(struct hrana_save *);
/* All steps. */
enum err hrana_save(struct hrana *, const char *path, const char **why)
    MUST_CHECK;

/*
 * Replaces the content by that of the file, after checking it, in one
 * transaction. The file may be changed, and files beside it are used. *why is a
 * sentence for the client. E_BAD_REQUEST: it is no database, or damaged.
 * E_CONFLICT: its schema is newer, or a stream has a transaction open.
 */
enum err hrana_load(struct hrana *, const char *path, uint64_t size_max,
    const char **why) MUST_CHECK;
/* Runs integrity_check. E_INTERNAL: *why is its first finding. */
enum err hrana_check(struct hrana *, const char **why) MUST_CHECK;

#endif
