/*
 * req: one request, from the raw bytes to what a handler may rely on.
 *
 * Owns:   nothing; all that it points to lives in its arena or in libfcgi's
 *         parameters, and dies with the request.
 * Not:    the answer: that is resp.
 * Limit:  ROUTE_PARAMS path parameters; a body of the route's own limit.
 */
#ifndef IO7_FCGI_HTTP_REQ_H
#define IO7_FCGI_HTTP_REQ_H

#include "fcgi/http/route.h"
#include "fcgi/service.h"
#include "lib/base/err.h"
#include "lib/base/str.h"

struct FCGX_Request;
struct gate;
struct principal;

/* Why a request failed: the public half goes to the client, detail to the log. */
struct req_fault {
	enum err err;
	const char *sentence;        /* public, or NULL: the error's own */
	const char *field, *problem; /* public, or NULL */
	const char *detail;          /* private, or NULL */
	int retry_after_s;           /* 0: not said */
};

struct req_answer {
	int status;
	const char *type; /* NULL: no body; 100 bytes at most */
	struct buf head;  /* further header lines */
	struct buf kept;  /* those that go with an error too */
	struct buf body;
	bool sent;      /* by the handler itself, as a stream */
	bool is_secret; /* shown once: never kept to be repeated */
};

struct req {
	struct FCGX_Request *io;
	struct arena *mem;
	const struct service *service;
	struct scoreboard_slot *slot;

	struct str id, client;
	enum method method;
	struct str method_name;
	struct str path, query;             /* raw, as the client wrote them */
	uint64_t content_length, body_read; /* promised, and come so far */
	bool is_operator;
	int64_t began_ns;

	struct gate *gate;                 /* the gate's own state */
	const struct principal *principal; /* who asks; NULL: not admitted */
	const struct route *route;
	struct str params[ROUTE_PARAMS]; /* decoded once */
	struct str body;

	struct req_fault fault;
	struct req_answer answer;
	uint64_t bytes_out;
};

/* From the parameters of a FastCGI request. */
enum err req_open(struct req *) MUST_CHECK;

/* Finds its route. E_NOT_FOUND, E_METHOD_NOT_ALLOWED, E_BAD_REQUEST. */
enum err req_find_route(struct req *) MUST_CHECK;

/* A FastCGI parameter or "HTTP_..." header; p is NULL where it is absent. */
struct str req_param(const struct req *, const char *name);

/* A query parameter, decoded; p is NULL where it is absent. */
enum err req_query(struct req *, const char *name, struct str *) MUST_CHECK;
/* The same of a body that is a form. */
enum err req_form(struct req *, const char *name, struct str *) MUST_CHECK;

/*
 * Takes the next name off the front of a query and decodes it. False at the
 * end, and where it is malformed: then *e is E_BAD_REQUEST.
 */
bool req_next_name(struct req *, struct str *rest, struct str *name,
    enum err *e);

/* The body's media type without its parameters; empty where it has none. */
struct str req_media_type(const struct req *);

/*
 * Reads exactly what Content-Length promised, and takes it out of its gzip;
 * before and after, it is no longer than max.
 */
enum err req_read_body(struct req *, uint64_t max) MUST_CHECK;

/* How the body is encoded, or E_UNSUPPORTED_MEDIA_TYPE. */
enum err req_coding(struct req *, bool *is_gzip) MUST_CHECK;

/*
 * The next bytes of a body that is never held whole: n is 0 once all that was
 * promised, and no more, has come.
 */
enum err req_read_some(struct req *, void *to, size_t room, size_t *n)
    MUST_CHECK;

/*
 * A second arena as large as the request's, which may be reset in between; it
 * is freed with the request. E_UNAVAILABLE without memory.
 */
enum err req_scratch(struct req *, struct arena **) MUST_CHECK;

/* True when the client has closed its end. */
bool req_is_gone(const struct req *);

/* The failure of a request, in one statement: `return fail(r, E_X, "...")`. */
enum err fail(struct req *, enum err, const char *detail, ...)
    PRINTF_LIKE(3, 4);
/* The same with the field at fault, which the client is told. */
enum err fail_field(struct req *, enum err, const char *field,
    const char *problem);
/* The same with another public sentence than the error's own. */
enum err fail_saying(struct req *, enum err, const char *sentence);

#endif
