/*
 * turso: calls of the provider `turso`, for its own files.
 *
 * Databases are at Turso, or at a service that speaks its platform API. The
 * token in a registry entry is two tokens with a line break between them: one
 * that may write, and one that may only read.
 */
#ifndef IO7_FCGI_USERDB_TURSO_H
#define IO7_FCGI_USERDB_TURSO_H

#include "fcgi/http/req.h"
#include "fcgi/userdb/options.h"
#include "fcgi/userdb/provider.h"
#include "lib/net/fetch.h"

enum {
	TURSO_AROUND = 16 * 1024
}; /* of a pipeline's answer, beside its results */

/* Calls that share a deadline. */
struct turso {
	const struct service *service;
	struct arena *mem;
	int64_t deadline_ns;
	const char *why; /* of a failure, for the log */
};

/* --- turso_platform.c: the platform API ----------------------------------- */

/* The options are complete, and a token can be encrypted. */
enum err turso_is_ready(struct turso *) MUST_CHECK;
/* The platform accepts the token, and knows organization and group. */
enum err turso_check(struct turso *) MUST_CHECK;
/* Creates the database, or finds it; sets its URL. */
enum err turso_create(struct turso *, struct userdb *) MUST_CHECK;
/* Sets new tokens. */
enum err turso_mint(struct turso *, struct userdb *) MUST_CHECK;
/* OK if there is none. */
enum err turso_delete(struct turso *, const struct userdb *) MUST_CHECK;

/* --- turso_send.c: requests to a database --------------------------------- */

/*
 * Posts a body to BASE/PATH with the token; base NULL: the database's URL. The
 * caller has set body, max and callbacks. A token that is rejected is replaced
 * once, and stored. OK for an answer of any status but 401.
 */
enum err turso_send(struct turso *, struct userdb *, bool may_write,
    const char *base, const char *path, struct fetch *, struct fetch_answer *)
    MUST_CHECK;

/* --- turso_schema.c: what io7 itself asks of a database ------------------- */

/* Applies the steps of the schema that it lacks. E_CONFLICT: it is newer. */
enum err turso_upgrade(struct turso *, struct userdb *) MUST_CHECK;
/* The same, and records it: an upgrade of io7 may bring further steps. */
enum err turso_keep_up(struct turso *, struct userdb *) MUST_CHECK;
/* Sets the size. E_NOT_FOUND: the database is gone. */
enum err turso_measure(struct turso *, struct userdb *) MUST_CHECK;
/*
 * After a request of that many bytes wrote: measures now and then, because that
 * costs a request.
 */
void turso_watch_size(struct turso *, struct userdb *, size_t written);

/* --- turso_baton.c -------------------------------------------------------- */

/* A stream at the service. */
struct turso_stream {
	bool may_write;
	const char *base; /* where it is continued; NULL: the database's URL */
	struct str baton;
};

/*
 * Appends a baton for the client: encrypted, and bound to the database. It
 * differs each time.
 */
enum err turso_wrap(const struct service *, const struct userdb *,
    const struct turso_stream *, struct buf *) MUST_CHECK;
/* E_BAD_REQUEST: it is forged, or of another database. */
enum err turso_unwrap(const struct service *, struct arena *,
    const struct userdb *, struct str baton, struct turso_stream *) MUST_CHECK;
/*
 * True if a stream of the database may be continued at that base URL: the scheme
 * and the port are equal, and the host is the same or has the same parent
 * domain. A token is sent nowhere else.
 */
bool turso_may_follow(const char *url, struct str base);

/* --- turso_body.c --------------------------------------------------------- */

/* A request of a client. */
struct turso_body {
	struct str baton;    /* decoded; without p: none */
	struct str work;     /* the requests, or the batch */
	uint64_t statements; /* that it may run */
	bool only_frees;     /* they delete, read, or end transactions */
};

/* E_BAD_REQUEST: *problem is a sentence for the client. */
enum err turso_parse(struct arena *, struct str text, bool is_cursor,
    struct turso_body *, const char **problem) MUST_CHECK;

/*
 * A plan's storage cannot be enforced inside the service: a database that is too
 * large is read with the token that may only read, unless the statements free
 * space.
 */
bool turso_may_write(const struct userdb *, const struct hrana_call *,
    const struct turso_body *);

/* --- turso_fault.c -------------------------------------------------------- */

/* A sentence for the user about a failure, or NULL. */
const char *turso_sentence(enum err);
/* Fails the request, with a sentence for the client; why is for the log. */
enum err turso_fail(struct req *, const struct userdb *, enum err,
    const char *why);
/*
 * Fails the request with what the service says of a request that is wrong, or of
 * a stream that is dead: {"message","code"}, or plain text. False if it does not
 * say that.
 */
bool turso_fail_request(struct req *, bool is_cursor,
    const struct fetch_answer *);

/* --- turso_run.c ---------------------------------------------------------- */

enum err turso_run(struct req *, struct userdb *, const struct hrana_call *);

/* --- turso_ask.c ---------------------------------------------------------- */

enum err turso_ask(struct userdb_ask *, const struct hrana_call *,
    struct str *answer);

#endif
