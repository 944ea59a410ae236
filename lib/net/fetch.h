/*
 * fetch: one HTTP request to another server.
 *
 * Owns:   a connection for the time of the request.
 * Not:    cookies, proxies, or redirects that were not asked for.
 * Limit:  the deadlines and the size that the caller sets; headers of 64 KiB.
 *         Only http and https; an invalid certificate is a failure.
 */
#ifndef IO7_LIB_NET_FETCH_H
#define IO7_LIB_NET_FETCH_H

#include "lib/base/err.h"
#include "lib/base/str.h"

enum { FETCH_HEADERS = 8 };

enum fetch_outcome {
	FETCH_ANSWERED,
	FETCH_REFUSED, /* by the rules for addresses, ports and URLs */
	FETCH_UNKNOWN_HOST,
	FETCH_UNREACHABLE, /* no connection */
	FETCH_UNTRUSTED,   /* the certificate is not valid, or TLS failed */
	FETCH_TIMED_OUT,
	FETCH_TOO_LARGE,
	FETCH_BROKEN,     /* cut off, or not HTTP */
	FETCH_REDIRECTED, /* too often */
	FETCH_STOPPED,    /* by the caller */
	FETCH_FAILED,     /* for want of memory, or inside libcurl */
	FETCH_OUTCOMES
};

struct fetch_answer {
	int status;
	struct str body;
	const char *type; /* Content-Type, or "" */
	/* Why there is no answer; never contains parts of the request. */
	const char *trouble;
	enum fetch_outcome outcome;
	bool is_cut;           /* the body was longer than max */
	int64_t retry_after_s; /* 0: the answer has none */
	int64_t duration_ns;
};

struct fetch {
	const char *method; /* NULL: GET */
	const char *url;
	/* Lines of the form "Name: value", up to a NULL. */
	const char *headers[FETCH_HEADERS + 1];
	struct str body;     /* p is NULL: none */
	int64_t deadline_ns; /* monotonic, for all of it */
	int64_t connect_ns;  /* limit to connect; 0: the deadline */
	uint64_t max;        /* bytes of the answer's body */
	unsigned redirects;  /* at most */
	const char *ca_file; /* trusted CAs; NULL: those of the system */
	/* Keeps the first max bytes of a longer answer and drops the rest. */
	bool is_cut_at_max;
	/*
	 * For a URL that is not the operator's: connects only to addresses that
	 * address_refusal() does not refuse, and refuses credentials in a URL.
	 * A list of ranges, which may be empty; NULL: no such rules.
	 */
	const char *allow;

	/*
	 * Optional. piece gets the parts of an answer of status 200 as they
	 * arrive; then body stays empty. go_on is called at least once a
	 * second. False from either ends the request with E_BAD_GATEWAY.
	 * so_far is called at least once a second with what has arrived, which
	 * is valid during the call.
	 */
	bool (*piece)(void *to, struct str);
	bool (*go_on)(void *to);
	void (*so_far)(void *to, const struct fetch_answer *);
	void *to;
};

/* "answered", "refused", "unknown_host" and so on. */
const char *fetch_outcome_name(enum fetch_outcome);

/*
 * OK for an answer of any status, which is in the arena. E_TIMEOUT: not in
 * time. E_TOO_LARGE: no memory. E_BAD_REQUEST: a header with control
 * characters. E_BAD_GATEWAY: anything else. After a failure the answer has the
 * status and body that arrived before.
 */
enum err fetch(struct arena *, const struct fetch *, struct fetch_answer *)
    MUST_CHECK;

/* Returns what is wrong with a base URL in an option, or NULL. */
const char *fetch_url_problem(const char *url);

/*
 * Returns why fetch() with these ranges refuses a URL whatever its name
 * resolves to, as a public sentence, or NULL.
 */
const char *fetch_url_refusal(const char *url, const char *allow);

#endif
