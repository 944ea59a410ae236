/*
 * req: a request: reading it, and failing it.
 *
 * Everything that it points to lives in its arena or in libfcgi's parameters,
 * as long as the request.
 *
 * Not:    the answer: see resp.h.
 */
#ifndef IO7_FCGI_HTTP_REQ_H
#define IO7_FCGI_HTTP_REQ_H

#include "fcgi/http/route.h"
#include "fcgi/service.h"
#include "lib/base/err.h"
#include "lib/base/str.h"

struct FCGX_Request;
struct gate;
struct pollfd;
struct principal;

/* Why a request failed. The client gets all but the detail; that is logged. */
struct req_fault {
	enum err err;
	const char *sentence;        /* NULL: that of the error */
	const char *field, *problem; /* or NULL */
	const char *detail;          /* or NULL */
	const char *flat_code;       /* see route.flat_errors; or NULL */
	int retry_after_s;           /* 0: no Retry-After */
};

struct req_answer {
	int status;
	const char *type; /* up to 100 bytes; NULL: no body */
	struct buf head;  /* header lines of a success */
	struct buf kept;  /* header lines that an error has too */
	struct buf body;
	bool sent;      /* as a stream, by the handler */
	bool is_secret; /* never stored for an Idempotency-Key */
};

struct req {
	struct FCGX_Request *io;
	struct arena *mem;
	const struct service *service;
	struct scoreboard_slot *slot;

	struct str id, client;
	enum method method;
	struct str method_name;
	struct str path, query;             /* raw, still encoded */
	uint64_t content_length, body_read; /* announced, and read so far */
	bool is_operator;
	int64_t began_ns;

	struct gate *gate;                 /* the gate's own state */
	const struct principal *principal; /* the caller; NULL: not admitted */
	const struct route *route;
	struct str params[ROUTE_PARAMS]; /* decoded once */
	struct str body;

	struct req_fault fault;
	struct req_answer answer;
	uint64_t bytes_out;
};

/* Reads the parameters of a FastCGI request. */
enum err req_open(struct req *) MUST_CHECK;

/* Finds its route. E_NOT_FOUND, E_METHOD_NOT_ALLOWED, E_BAD_REQUEST. */
enum err req_find_route(struct req *) MUST_CHECK;

/* A FastCGI parameter or "HTTP_..." header; without p if it is absent. */
struct str req_param(const struct req *, const char *name);

/* A query parameter, decoded; without p if it is absent. */
enum err req_query(struct req *, const char *name, struct str *) MUST_CHECK;
/* The same for the body, which is a form. */
enum err req_form(struct req *, const char *name, struct str *) MUST_CHECK;

/*
 * Takes the next name off the front of a query and decodes it. False at the
 * end, or if the name is malformed; then *e is E_BAD_REQUEST.
 */
bool req_next_name(struct req *, struct str *rest, struct str *name,
    enum err *e);

/* The media type of the body without its parameters; empty if there is none. */
struct str req_media_type(const struct req *);

/*
 * Reads the body and inflates it if it is compressed. Neither form may be
 * larger than max bytes. A body that is shorter or longer than Content-Length
 * is refused.
 */
enum err req_read_body(struct req *, uint64_t max) MUST_CHECK;

/*
 * Sets *is_gzip if the body is compressed. E_UNSUPPORTED_MEDIA_TYPE for any
 * other coding than gzip.
 */
enum err req_coding(struct req *, bool *is_gzip) MUST_CHECK;

/*
 * Reads the next bytes of the body, still compressed. n is 0 at the end of a
 * body whose length is Content-Length.
 */
enum err req_read_some(struct req *, void *to, size_t max, size_t *n)
    MUST_CHECK;

/*
 * A second arena, as large as the request's. The caller may reset it at any
 * time; it is freed with the request. E_UNAVAILABLE without memory.
 */
enum err req_scratch(struct req *, struct arena **) MUST_CHECK;

/* True if the client has closed the connection. */
bool req_is_gone(const struct req *);

enum req_woke { REQ_READY, REQ_LATE, REQ_GONE };

/* Waits for a descriptor, the deadline, or the client to close. */
enum req_woke req_wait(const struct req *, struct pollfd, int64_t deadline_ns);

/* Records why the request failed; returns e: `return fail(r, E_X, "...")`. */
enum err fail(struct req *, enum err, const char *detail, ...)
    PRINTF_LIKE(3, 4);
/* The same with the field at fault; the client is sent both strings. */
enum err fail_field(struct req *, enum err, const char *field,
    const char *problem);
/* The same with a sentence for the client in place of that of the error. */
enum err fail_saying(struct req *, enum err, const char *sentence);

#endif
