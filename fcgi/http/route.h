/*
 * route: the table of routes, and the lookup of a path in it.
 *
 * Owns:   the list of all rows; a row belongs to its room.
 * Not:    permission: a row states what is needed, the gate checks it.
 * Limit:  ROUTE_PARAMS parameters in a path, SCOREBOARD_ROUTES rows.
 */
#ifndef IO7_FCGI_HTTP_ROUTE_H
#define IO7_FCGI_HTTP_ROUTE_H

#include "lib/base/err.h"
#include "lib/base/str.h"

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

/* The requirements that the gate checks before the handler runs. */
enum need {
	NEED_NOTHING = 0,
	NEED_OPERATOR = 1 << 0, /* the IP address of an operator */
	NEED_IP_LIMIT = 1 << 1, /* no credential; limited by IP address */
	NEED_ACCOUNT = 1 << 2,  /* any credential */
	NEED_READ = 1 << 3,     /* a credential with that scope */
	NEED_WRITE = 1 << 4,
	NEED_ADMIN = 1 << 5,
	NEED_PERSON = 1 << 6, /* a session or a JWT, not an API key */
	NEED_STREAM = 1 << 7, /* counts as a stream of the account */
	/* A credential that may read, or write, the user database. */
	NEED_DATABASE = 1 << 8,
	NEED_DATABASE_WRITE = 1 << 9,
};

struct pool;
struct req;

struct route {
	enum method method;
	const char *path; /* "/kv/:key/transform" */
	unsigned need;
	unsigned cost; /* credits */
	/* Bytes; 0: no body is read. See ROUTE_BODY and ROUTE_STREAM. */
	uint64_t body_max;
	enum err (*handle)(struct req *);
	const char *about;
	/* The names of query parameters, separated by spaces; NULL: none. */
	const char *query;
	/* The media types of a body, separated by spaces; NULL: JSON. */
	const char *types;
	/*
	 * An error body has code and message at its top too, where libSQL
	 * clients look for them.
	 */
	bool flat_errors;
	/* Asks whether something is valid: its 400 is an answer, and no failure. */
	bool is_check;
	/* The pool that serves it; NULL: live or test, by the mode. */
	const struct pool *pool;
};

/* Accepts any query, for clients whose parameter names we do not control. */
#define ROUTE_ANY_QUERY "*"

/* The limit is that of the pool: usually IO7_BODY_MAX. */
#define ROUTE_BODY UINT64_MAX
/* The handler reads the body in pieces; only nginx limits its size. */
#define ROUTE_STREAM (UINT64_MAX - 1)

const char *method_name(enum method);
enum method method_of(struct str name);

/* Adds a room's rows. */
void route_add(const struct route *, size_t n);
/* The i-th row; NULL after the last. */
const struct route *route_at(size_t i);
/* The number of a row, for the scoreboard; -1 for NULL. */
int route_index(const struct route *);

/*
 * Finds the row for a raw path. It is matched segment by segment, each of which
 * is percent-decoded once. A literal segment wins over a parameter. GET rows
 * also answer HEAD. E_NOT_FOUND, E_METHOD_NOT_ALLOWED, or E_BAD_REQUEST for a
 * malformed percent escape.
 */
enum err route_find(struct arena *, enum method, struct str raw,
    const struct route **, struct str params[ROUTE_PARAMS]) MUST_CHECK;

/*
 * True if the path matches a row that ends in a parameter, but has further
 * segments: probably a slash in the parameter was not encoded.
 */
bool route_exceeds_parameter(struct arena *, struct str raw);

/* Writes the methods of a path, as in the header Allow: "GET, HEAD, PUT". */
void route_allow(struct arena *, struct str raw, struct buf *);

#endif
