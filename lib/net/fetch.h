/*
 * fetch: one HTTP request to somebody else's server.
 *
 * Owns:   nothing: a connection is opened for the request and closed after it.
 * Not:    a browser: no cookies, no proxy, no redirect that was not asked for.
 * Limit:  the deadlines and the size that the caller gives; http and https
 *         alone, and a certificate that does not fit is a failure.
 */
#ifndef IO7_LIB_NET_FETCH_H
#define IO7_LIB_NET_FETCH_H

#include "lib/base/err.h"
#include "lib/base/str.h"

enum { FETCH_HEADERS = 8 };

struct fetch {
	const char *method; /* NULL: GET */
	const char *url;
	/* Whole lines, "Name: value", up to a NULL. */
	const char *headers[FETCH_HEADERS + 1];
	struct str body;     /* without p: none */
	int64_t deadline_ns; /* of all, by the monotonic clock */
	int64_t connect_ns;  /* for the connection; 0: as long as for all */
	uint64_t max;        /* bytes of an answer */
	unsigned redirects;  /* followed at most */
	const char *ca_file; /* who is trusted; NULL: whom the system trusts */

	/*
	 * Where given, an answer of status 200 goes there as it comes, and is
	 * not kept; go_on is asked once a second at least. False from either:
	 * that is enough, and the rest is E_BAD_GATEWAY.
	 */
	bool (*piece)(void *to, struct str);
	bool (*go_on)(void *to);
	void *to;
};

struct fetch_answer {
	int status;
	struct str body;
	const char *type; /* Content-Type; "": not said */
	/* Why there is no answer; never a word of the request. */
	const char *trouble;
};

/*
 * OK for an answer of whatever status. E_TIMEOUT: not in time; E_TOO_LARGE: no
 * memory; E_BAD_GATEWAY: anything else. All of the answer is in the arena.
 */
enum err fetch(struct arena *, const struct fetch *, struct fetch_answer *)
    MUST_CHECK;

/* NULL, or what is wrong with an address of http or https as an option. */
const char *fetch_url_problem(const char *url);

#endif
