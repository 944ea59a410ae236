/*
 * transform: runs stored values through an engine and streams the outcome.
 *
 * A request is for one key, or for a batch of keys, one after the other. For
 * each key the value is read, the engine is run on it, the result is saved if
 * the request asks for it, and events are sent.
 *
 * Limit:  TRANSFORM_KEYS keys in a batch; none is begun after
 *         IO7_TRANSFORM_TIMEOUT.
 */
#ifndef IO7_FCGI_TRANSFORM_TRANSFORM_H
#define IO7_FCGI_TRANSFORM_TRANSFORM_H

#include "fcgi/http/sse.h"
#include "fcgi/room.h"
#include "lib/base/opt.h"

enum {
	TRANSFORM_KEYS = 10000,
	/* A batch costs one more credit for each further 100 keys. */
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

/* Tokens of a model; an estimate if the model did not report all of them. */
struct transform_tokens {
	uint64_t prompt, completion;
	bool is_estimate;
};

struct transform {
	struct req *req;
	/* For the keys at hand: a batch resets it between its pages. */
	struct arena *mem;
	struct transform_request input;
	const struct engine *engine;
	bool is_batch, is_stream;
	bool is_stopped; /* no further key is begun */
	bool is_gone;    /* the client has closed the connection */
	int64_t deadline_ns;
	size_t total, done, failed, saved;
	uint64_t credits;
	struct transform_tokens tokens;

	/* Events; see events.h. */
	uint64_t event_id;
	int64_t heartbeat_ns, progress_ns; /* when the next is due */
	struct buf text;                   /* the event that is being written */
	struct buf value;                  /* the result of the current key */
	struct buf last;                   /* the last result event */
};

/* One key of a request. */
struct item {
	struct str key, value;
	int64_t version; /* 0: the key does not exist */
	int64_t updated_at;
	struct opt_int64 expires_at;
	struct str to;               /* the key to save to; empty: the same */
	struct opt_int64 to_version; /* of that key, if it exists */
	const char *warning;         /* for the result event, or NULL */
	size_t outputs;
	bool is_saved;
};

struct engine {
	const char *name;
	/* The member of the body that this engine takes; others are refused. */
	const char *argument;
	/* Checks the request before the first key is read. */
	enum err (*check)(struct transform *);
	/* Writes the result to t->value, and sends chunks as they come. */
	enum err (*run)(struct transform *, struct item *);
};

/* NULL if there is no engine of that name. */
const struct engine *engine_find(struct str name);
/* "jq, patch, ..." */
void engine_list(struct buf *);

/*
 * Reads the body. E_BAD_REQUEST with the field at fault, E_FORBIDDEN if saving
 * needs a scope that the credential lacks.
 */
enum err transform_read(struct req *, struct transform *, bool is_batch)
    MUST_CHECK;

/*
 * Reads the rows of n keys. The value of the first is always read, those of the
 * others as long as they fit.
 */
enum err transform_load(struct transform *, const struct str *keys, size_t n,
    struct item *) MUST_CHECK;
/* True if the key exists and its value was not read yet. */
bool item_is_unread(const struct item *);
/* Runs the engine, saves the result and sends the outcome, also a failure. */
enum err transform_item(struct transform *, struct item *) MUST_CHECK;
/* Sends the failure of a key, or of the whole request (a key without p). */
void transform_failed(struct transform *, struct str key, enum err);

/* The error of a request that was given up before its end. */
enum err fail_stopped(struct transform *);

/* Charges further credits; E_QUOTA_EXCEEDED. */
enum err transform_charge(struct transform *, unsigned credits) MUST_CHECK;

enum err transform_single(struct req *) MUST_CHECK; /* single.c */
enum err transform_batch(struct req *) MUST_CHECK;  /* batch.c */

#endif
