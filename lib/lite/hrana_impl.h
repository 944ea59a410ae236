/*
 * hrana_impl: what the files of the engine share.
 *
 * Not:    for other files: lib/lite/hrana.h is the interface.
 */
#ifndef IO7_LIB_LITE_HRANA_IMPL_H
#define IO7_LIB_LITE_HRANA_IMPL_H

#include "lib/lite/hrana.h"
#include "lib/lite/lite.h"

/* --- What a body asks for ------------------------------------------------- */

enum hrana_value_kind {
	HRANA_NULL,
	HRANA_INTEGER,
	HRANA_FLOAT,
	HRANA_TEXT,
	HRANA_BLOB,
};

struct hrana_value {
	enum hrana_value_kind kind;
	int64_t integer;
	double real;
	struct str bytes;
};

struct hrana_arg {
	struct str name; /* p is NULL: it has a position */
	struct hrana_value value;
};

/* Either a text or the number of a stored one. */
struct hrana_sql {
	struct str text; /* p is NULL: there is none */
	bool has_id;
	int64_t id;
};

struct hrana_stmt {
	struct hrana_sql sql;
	struct hrana_arg *args;
	size_t n;
	bool has_positions, has_names;
	bool want_rows;
};

enum hrana_cond_kind {
	HRANA_IF_OK,
	HRANA_IF_ERROR,
	HRANA_IF_NOT,
	HRANA_IF_ALL,
	HRANA_IF_ANY,
	HRANA_IF_AUTOCOMMIT,
};

struct hrana_cond {
	enum hrana_cond_kind kind;
	size_t step;              /* of OK and ERROR */
	struct hrana_cond *first; /* of NOT, ALL and ANY */
	struct hrana_cond *next;  /* in the same list */
};

struct hrana_batch_step {
	struct hrana_cond *condition; /* NULL: always */
	struct hrana_stmt stmt;
};

struct hrana_batch {
	struct hrana_batch_step *steps;
	size_t n;
};

enum hrana_request_kind {
	HRANA_CLOSE,
	HRANA_EXECUTE,
	HRANA_BATCH,
	HRANA_SEQUENCE,
	HRANA_DESCRIBE,
	HRANA_STORE_SQL,
	HRANA_CLOSE_SQL,
	HRANA_GET_AUTOCOMMIT,
};

struct hrana_request {
	enum hrana_request_kind kind;
	struct hrana_stmt stmt;
	struct hrana_batch batch;
	struct hrana_sql sql;
};

struct hrana_body {
	struct str baton; /* p is NULL: there is none */
	struct hrana_request *requests;
	size_t n;
};

/* Of a statement, or of the whole run. */
struct hrana_fault {
	const char *message, *code;
};

/* The body of a pipeline or a cursor; false with a sentence. */
bool hrana_parse(struct arena *, const struct hrana_order *,
    struct hrana_body *, const char **why) MUST_CHECK;

/* --- Values --------------------------------------------------------------- */

/* False with a sentence. */
bool hrana_read_value(struct arena *, struct str type, struct str value,
    struct str base64, struct hrana_value *, const char **why) MUST_CHECK;
/* A column of the current row, as JSON. */
void hrana_write_column(struct buf *, struct sqlite3_stmt *, int);
/* A code of SQLite. */
int hrana_bind(struct sqlite3_stmt *, int, const struct hrana_value *)
    MUST_CHECK;

/* --- Faults --------------------------------------------------------------- */

struct hrana_fault hrana_fault_of_prepare(struct arena *, const struct lite *,
    enum lite_fault, struct str sql, int offset);
/* The last fault of a connection, and its code. */
struct hrana_fault hrana_fault_of_step(struct arena *, const struct lite *,
    int rc);
/* A code of SQLite without a connection. */
struct hrana_fault hrana_fault_of_code(struct arena *, int rc, const char *why);
/* {"message","code"} */
void hrana_write_fault(struct buf *, const struct hrana_fault *);

/* --- Streams -------------------------------------------------------------- */

enum { HRANA_ID = 16, HRANA_BATON = 4 * HRANA_ID };

struct hrana_text {
	struct hrana_text *next;
	int64_t id;
	size_t n;
	char text[];
};

struct hrana_stream {
	struct lite *lite; /* NULL: the place is free */
	uint8_t id[HRANA_ID], key[HRANA_ID];
	bool has_id; /* a baton was given */
	bool may_write;
	bool is_lent; /* to a run */
	int64_t idle_since;
	struct hrana_text *texts;
	size_t text_bytes;
};

enum { HRANA_SPARE = 2, HRANA_EXPIRED = 64 };

struct hrana {
	char *path;
	struct hrana_bounds bounds;
	struct hrana_schema schema;
	struct lite *spare[HRANA_SPARE];
	struct hrana_stream *streams; /* bounds.streams places */
	/* Streams that timed out lately, so that their clients learn why. */
	uint8_t expired[HRANA_EXPIRED][HRANA_ID];
	size_t expired_at;
	struct hrana_run *waiters; /* for the lock, in order */
	unsigned waiting;          /* their number */
	uint64_t turns;            /* how often it was taken */
	unsigned log_pages;        /* in the write-ahead log, at least */
	bool (*is_unwanted)(void *);
	void *to;
	char why[256]; /* the last sentence about the database */
};

/*
 * A clean connection, and back; a code of SQLite. One that was last used in that
 * mode is preferred.
 */
int hrana_borrow(struct hrana *, bool read_only, struct lite **,
    const char **why) MUST_CHECK;
void hrana_return(struct hrana *, struct lite *);
enum err hrana_err_of(int rc);
/* The version of our schema in a file; 0: it has none. */
int hrana_version(struct lite *, int *) MUST_CHECK;
/* Applies the later steps as one transaction. */
int hrana_upgrade(struct lite *, const struct hrana_schema *, int from)
    MUST_CHECK;

struct hrana_refusal {
	int status;
	struct hrana_fault fault;
};

/* A new stream, or the one of the baton. NULL with a refusal. */
struct hrana_stream *hrana_stream_take(struct hrana *, struct arena *,
    const struct hrana_order *, struct str baton, struct hrana_refusal *);
/* Gives it back, to be continued by the baton; or closes it. */
void hrana_stream_give(struct hrana_stream *);
void hrana_stream_close(struct hrana *, struct hrana_stream *);
/* Replaces the baton, and writes it as a JSON string. */
bool hrana_stream_baton(struct hrana_stream *, struct buf *) MUST_CHECK;

/* Rolls back every stream that no run uses and that has a transaction. */
void hrana_expire_transactions(struct hrana *);

struct hrana_text *hrana_text_find(const struct hrana_stream *, int64_t id);
bool hrana_text_store(struct hrana_stream *, int64_t id, struct str) MUST_CHECK;
void hrana_text_forget(struct hrana_stream *, int64_t id);

/* --- The write-ahead log -------------------------------------------------- */

/* After a statement of the connection: keeps the log short. */
void hrana_log_grew(struct hrana *, struct lite *);
/* False: a transaction that must not write would make it too long. */
bool hrana_log_has_room(struct hrana *, struct lite *) MUST_CHECK;

/* --- One statement -------------------------------------------------------- */

enum hrana_progress {
	HRANA_RAN,
	HRANA_FAULTY,  /* exec.fault */
	HRANA_BLOCKED, /* by the lock of another stream */
	HRANA_FULL,    /* the reader must empty the output */
};

/* Bytes of entries after which a cursor lets its reader go first. */
enum { HRANA_ENTRIES = 64 * 1024 };

enum hrana_form { HRANA_AS_RESULT, HRANA_AS_ENTRIES, HRANA_AS_NOTHING };

/* The statement that runs. */
struct hrana_exec {
	struct lite *lite;
	struct arena *mem;
	enum hrana_form form;
	size_t step; /* of a batch, for entries */
	size_t most; /* bytes that the output may have; 0: any number */
	bool want_rows;

	struct lite_statement *s; /* NULL: none runs */
	struct str sql;           /* its text */
	struct lite_watch watch;
	int64_t started, paused;
	size_t mark;     /* where its output begins */
	bool began;      /* the output has its columns */
	int64_t changes; /* of the connection, before it */
	uint64_t rows;
	struct hrana_fault fault;
	uint64_t rows_read, rows_written; /* of the last one */
};

/*
 * Faults that do not depend on the database: those of a batch are found before
 * its first step runs.
 */
bool hrana_exec_check(struct hrana_exec *, struct str sql,
    const struct hrana_stmt *) MUST_CHECK;
/* Prepares the only statement of a text and binds its arguments. */
bool hrana_exec_prepare(struct hrana_exec *, struct str sql,
    const struct hrana_stmt *, struct buf *out) MUST_CHECK;
/* The first statement of a text that may have more; *length is its end. */
bool hrana_exec_prepare_first(struct hrana_exec *, struct str sql,
    size_t *length) MUST_CHECK;
enum hrana_progress hrana_exec_step(struct hrana_exec *, struct buf *out,
    int64_t statement_ns, bool may_wait);
/* Ends it, complete or not. */
void hrana_exec_end(struct hrana_exec *);
/* The result of a describe request. */
bool hrana_exec_describe(struct hrana_exec *, struct str sql, struct buf *)
    MUST_CHECK;

/* --- A run ---------------------------------------------------------------- */

enum hrana_turn {
	TURN_NEXT,   /* it is complete */
	TURN_FAULTY, /* its fault is in exec.fault */
	TURN_LOCKED,
	TURN_OUTPUT,
	TURN_CREDIT,
	TURN_DEAD, /* as run.refusal says */
};

enum hrana_outcome { HRANA_SKIPPED, HRANA_GOOD, HRANA_BAD };

struct hrana_step_result {
	enum hrana_outcome outcome;
	struct hrana_fault fault; /* of HRANA_BAD */
};

struct hrana_run {
	struct hrana *h;
	struct arena *mem;
	struct hrana_order order;
	struct hrana_total total;
	struct hrana_body body;
	struct hrana_stream *stream; /* NULL: none yet, or closed */
	struct hrana_exec exec;
	struct hrana_refusal refusal;
	struct buf text; /* the output of a pipeline */
	bool has_begun, is_done;

	size_t at;        /* the request */
	bool has_entered; /* it has begun */
	size_t mark;      /* where its result begins */
	size_t step;      /* of a batch */
	struct hrana_step_result *results;
	struct str rest; /* of a sequence */
	size_t length;   /* of its statement */

	bool is_waiting; /* for the lock, in the list of waiters */
	struct hrana_run *next_waiter;
	int64_t lock_deadline;
	uint64_t lock_turn; /* of the deadline */

	uint64_t allowed; /* statements */
	bool is_denied;
};

/* TURN_DEAD, with what the client is answered. */
enum hrana_turn hrana_die(struct hrana_run *, int status, const char *message,
    const char *code);
enum hrana_turn hrana_find_sql(struct hrana_run *, const struct hrana_sql *,
    struct str *);
/* Runs a statement of an execute request or of a batch. */
enum hrana_turn hrana_run_stmt(struct hrana_run *, const struct hrana_stmt *,
    struct buf *out);
/* Finds faults of every step before the first one runs. */
enum hrana_turn hrana_enter_batch(struct hrana_run *,
    const struct hrana_batch *);
enum hrana_turn hrana_run_steps(struct hrana_run *, const struct hrana_batch *,
    struct buf *out);
/* All steps, and the end of the result of a pipeline. */
enum hrana_turn hrana_run_batch(struct hrana_run *, const struct hrana_batch *,
    struct buf *out);

/* --- The lock ------------------------------------------------------------- */

/* False: others have waited for longer. */
bool hrana_lock_is_turn(const struct hrana_run *);
/* Puts it at the end of the list, unless it is in it. */
void hrana_lock_wait(struct hrana_run *);
bool hrana_lock_has_time(struct hrana_run *);
/* It has the lock, or has given up. */
void hrana_lock_leave(struct hrana_run *);

#endif
