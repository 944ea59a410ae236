/*
 * outbound: HTTP requests to URLs that a tenant chose.
 *
 * Connects to public addresses only, and to those of IO7_OUTBOUND_ALLOW. The
 * address is checked when the connection is made, so that neither a redirect
 * nor a changed DNS record leads into the operator's network.
 *
 * Not:    retries and their record, which are the caller's.
 * Limit:  http and https, URLs of OUTBOUND_URL_MAX bytes, OUTBOUND_REDIRECTS
 *         redirects. A process sends one request at a time.
 */
#ifndef IO7_FCGI_OUTBOUND_OUTBOUND_H
#define IO7_FCGI_OUTBOUND_OUTBOUND_H

#include "fcgi/service.h"
#include "lib/base/arena.h"
#include "lib/crypto/webhook.h"
#include "lib/net/fetch.h"

enum {
	OUTBOUND_URL_MAX = 2048,
	OUTBOUND_REDIRECTS = 5,
};

struct outbound_request {
	struct str method; /* of outbound_method_problem() */
	struct str url;
	/* With a body of type, "application/json" if type is NULL. */
	struct str body; /* p is NULL: none */
	const char *type;

	int64_t timeout_ns; /* for all of it, from name lookup to last byte */
	int64_t connect_ns; /* limit to connect; 0: the whole timeout */
	/*
	 * How many bytes of the answer's body are kept. A longer body is cut
	 * and the connection closed; if it must be whole, the outcome is
	 * FETCH_TOO_LARGE instead.
	 */
	size_t keep;
	bool must_be_whole;
	/* Follows redirects of GET and HEAD; of other methods it follows none. */
	bool follows;

	/* Signs the request as Standard Webhooks; NULL: unsigned. */
	const struct webhook_signer *signer;

	/*
	 * Optional; called at least once a second while the request runs, to
	 * renew a lease. False ends the request with FETCH_STOPPED.
	 */
	bool (*go_on)(void *to);
	/* Optional; called as often with what has arrived of the answer. */
	void (*so_far)(void *to, const struct fetch_answer *);
	void *to;
};

struct outbound_answer {
	/* FETCH_ANSWERED for an answer of any status. */
	enum fetch_outcome outcome;
	int status;       /* 0 if none arrived */
	struct str body;  /* at most `keep` bytes, also of a broken answer */
	bool is_cut;      /* the body was longer */
	const char *type; /* Content-Type, or "" */
	/* Retry-After in seconds, in either of its forms; 0: none. */
	int64_t retry_after_s;
	int64_t duration_ns;
	/* A public sentence about any outcome but FETCH_ANSWERED; or "". */
	const char *sentence;
	/* For the log: may name addresses inside the operator's network. */
	const char *detail;
};

/* Waits for the answer, which is in the arena. */
void outbound_send(const struct service *, struct arena *,
    const struct outbound_request *, struct outbound_answer *);

/* True for an answer of status 200 to 299. */
bool outbound_is_success(const struct outbound_answer *);
/*
 * Whether the same request can succeed later: not if its URL is refused, and
 * not after an answer of 400 to 499 other than 408, 425 and 429.
 */
bool outbound_may_retry(const struct outbound_answer *);

/*
 * Returns what is wrong with a URL, as a public sentence, or NULL. For the
 * moment when a tenant stores it: it looks up no name, so that a name that leads to a
 * forbidden address is noticed only when the request is sent.
 */
const char *outbound_url_problem(const struct service *, struct str url);
/* The same of a method: one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS. */
const char *outbound_method_problem(struct str method);

#endif
