/*
 * route: the table of what can be asked, and how a path is found in it.
 *
 * Owns:   the list of all rows; the rows belong to the rooms.
 * Not:    permission: a row says what is needed, the gate checks it.
 * Limit:  ROUTE_PARAMS parameters a path, BOARD_ROUTES rows in all.
 */
#ifndef IO7_FCGI_HTTP_ROUTE_H
#define IO7_FCGI_HTTP_ROUTE_H

#include "lib/base/err.h"
#include "lib/base/str.h"
#include "lib/shm/scoreboard.h"

enum {
	ROUTE_PARAMS = 4,
};

enum method {
	METHOD_UNKNOWN,
	GET,
	HEAD,
	POST,
	PUT,
	PATCH,
	DELETE,
	OPTIONS,
	METHOD_COUNT
};

/* What a request needs before its handler runs. */
enum need {
	NEED_NOTHING = 0,
	NEED_OPERATOR = 1 << 0, /* an address of the operators' list */
	NEED_IP_LIMIT = 1 << 1, /* no credential, but a limit by address */
	NEED_ACCOUNT = 1 << 2,  /* a credential of whatever kind and scope */
	NEED_READ = 1 << 3,     /* scopes; each needs an account */
	NEED_WRITE = 1 << 4,
	NEED_ADMIN = 1 << 5,
	NEED_PERSON = 1 << 6, /* a session or a token: never an API key */
	NEED_STREAM = 1 << 7, /* one of the streams that the plan allows */
};

struct pool;
struct req;

struct route {
	enum method method;
	const char *path; /* "/kv/:key/transform" */
	unsigned need;
	unsigned cost; /* credits */
	/* 0: no body is read; ROUTE_BODY: the option; ROUTE_STREAM: the
	 * handler reads it, piece by piece, as much as nginx lets through. */
	uint64_t body_max;
	enum err (*handle)(struct req *);
	const char *about;
	/* The names of its query, separated by spaces; NULL: it has none. */
	const char *query;
	/* The media types of its body, separated by spaces; NULL: JSON. */
	const char *types;
	/* Whose workers serve it; NULL: live or test, by the mode. */
	const struct pool *pool;
};

/* A query with names that others choose: all are let through. */
#define ROUTE_ANY_QUERY "*"

#define ROUTE_BODY   UINT64_MAX
#define ROUTE_STREAM (UINT64_MAX - 1)

const char *method_name(enum method);
enum method method_of(struct str name);

/* Adds a room's rows. */
void route_add(const struct route *, size_t n);
/* The i-th row; NULL past the last. */
const struct route *route_at(size_t i);
/* Its number, for the board; -1 for NULL. */
int route_index(const struct route *);

/*
 * The row for a raw path, matched segment by segment, each percent-decoded
 * once; a literal segment goes before a parameter. GET rows answer HEAD too.
 * E_NOT_FOUND, E_METHOD_NOT_ALLOWED, or E_BAD_REQUEST for a bad escape.
 */
enum err route_find(struct arena *, enum method, struct str raw,
    const struct route **, struct str params[ROUTE_PARAMS]) MUST_CHECK;

/*
 * Whether the path has more segments than a row that ends in a parameter, and is
 * like it up to there: a slash within the parameter was not encoded.
 */
bool route_exceeds_parameter(struct arena *, struct str raw);

/* "GET, HEAD, PUT": the methods of a path, for Allow. */
void route_allow(struct arena *, struct str raw, struct buf *);

#endif
