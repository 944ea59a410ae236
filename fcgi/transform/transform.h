/*
 * transform: stored values through an engine, event by event.
 *
 * Owns:   one request's way: what was asked, what was done, what it used.
 * Not:    the engines: each is a file, and a row in engines.c.
 * Limit:  TRANSFORM_KEYS keys in a batch; one key after the other, and none is
 *         begun after IO7_TRANSFORM_TIMEOUT.
 */
#ifndef IO7_FCGI_TRANSFORM_TRANSFORM_H
#define IO7_FCGI_TRANSFORM_TRANSFORM_H

#include "fcgi/http/sse.h"
#include "lib/base/opt.h"

enum {
	TRANSFORM_KEYS = 10000,
	/* So many more, begun or counted, cost a credit more. */
	TRANSFORM_KEYS_PER_CREDIT = 100,
};

struct engine;

/* The body of a request. */
struct transform_request {
	struct str engine, program, patch, prompt, model, to, pattern;
	struct opt_bool save, json;
	struct opt_int64 if_version, max_tokens;
	struct array keys;
};

/* Tokens of a model, and whether that is a guess of ours in part. */
struct transform_tokens {
	uint64_t prompt, completion;
	bool is_estimate;
};

struct transform {
	struct req *req;
	struct arena *home; /* lives as long as the request */
	struct transform_request input;
	const struct engine *engine;
	bool is_batch, is_stream;
	bool is_stopped;     /* no more is done */
	bool is_gone;        /* the client */
	int64_t deadline_ns; /* of a batch */
	size_t total, done, failed, saved;
	uint64_t credits;
	struct transform_tokens tokens;

	/* The events. */
	uint64_t event_id;
	int64_t beat_ns, progress_ns;
	struct buf text;  /* of the event that is being written */
	struct buf value; /* the result of the key at hand */
	struct buf last;  /* the last result event */
};

/* A key at hand: its value, and what its result is saved over. */
struct item {
	struct str key, value;
	int64_t version;
	struct opt_int64 expires_at;
	struct str to;               /* where the result goes; empty: the key */
	struct opt_int64 to_version; /* of what lies there */
	const char *warning;         /* for the result, or NULL */
	size_t outputs;
	bool is_saved;
};

/* What an engine is, and what it asks for. */
struct engine {
	const char *name;
	/* The member of the body that it works by; others are refused. */
	const char *argument;
	/* The rest of what must be true; a fault names the field. */
	enum err (*check)(struct transform *);
	/* Puts the result into t->value; chunks go out as they come. */
	enum err (*run)(struct transform *, struct item *);
};

extern const struct engine *const engines[];
extern const size_t engines_count;
extern const char *const engine_names[]; /* up to a NULL */

/* NULL: there is none of that name. */
const struct engine *engine_find(struct str name);

/* From the body. E_BAD_REQUEST with the field at fault. */
enum err transform_read(struct req *, struct transform *, bool is_batch)
    MUST_CHECK;

/*
 * Reads what stands under the keys of a page: of its values the first, and as
 * many as fit beside it. Version 0: there is none.
 */
enum err transform_load(struct transform *, const struct str *keys, size_t n,
    struct item *) MUST_CHECK;
/* Whether its value is there, and was not read as it did not fit. */
bool item_waits(const struct item *);
/* Runs and saves one, and tells of it. */
enum err transform_item(struct transform *, struct item *) MUST_CHECK;
/* The failure of a key, told. */
void transform_failed(struct transform *, struct str key, enum err);

/* The failure of work that was given up. */
enum err fail_stopped(struct transform *);

/* Further credits; E_QUOTA_EXCEEDED. */
enum err transform_charge(struct transform *, unsigned credits) MUST_CHECK;

enum err transform_single(struct req *) MUST_CHECK; /* one.c */
enum err transform_batch(struct req *) MUST_CHECK;  /* batch.c */

#endif
