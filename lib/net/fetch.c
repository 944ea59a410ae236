/*
 * Requests by libcurl. Each has its own handle, so that requests share nothing,
 * not even a connection.
 *
 * libcurl resolves names in a thread, because the system's resolver has no
 * deadline. A thread that is not done in time is abandoned and ends by itself.
 */
#include "lib/net/fetch.h"

#include "lib/os/clock.h"

#include <curl/curl.h>

struct call {
	const struct fetch *fetch;
	CURL *curl;
	struct buf body;
	uint64_t received; /* bytes of the body */
	bool is_too_large;
	char trouble[CURL_ERROR_SIZE];
};

static int
status_of(CURL *curl)
{
	long status = 0;

	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	return (int)status;
}

static size_t
on_body(char *data, size_t one, size_t n, void *into)
{
	struct call *call = into;

	(void)one;
	call->received += n;
	call->is_too_large = call->received > call->fetch->max;
	if (call->is_too_large)
		return 0;
	if (call->fetch->piece && status_of(call->curl) == 200)
		return call->fetch->piece(call->fetch->to,
			   (struct str){ data, n })
		    ? n
		    : 0;
	buf_add(&call->body, data, n);
	return call->body.failed ? 0 : n;
}

/* A result other than 0 ends the transfer. */
static int
on_progress(void *into, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct call *call = into;

	(void)(a + b + c + d);
	return !call->fetch->go_on(call->fetch->to);
}

static CURL *
open_handle(void)
{
	static bool is_ready;

	if (!is_ready)
		is_ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
	return is_ready ? curl_easy_init() : NULL;
}

#define SET(name, value) (curl_easy_setopt(curl, CURLOPT_##name, value) == 0)

/* The environment must not change a request: no proxy, no other protocol. */
static bool
set_bounds(CURL *curl, const struct fetch *f, long ms)
{
	long connect_ms = (long)(f->connect_ns / NS_PER_MS);

	return SET(NOSIGNAL, 1L) && SET(PROXY, "") && SET(USERAGENT, "io7") &&
	    SET(PROTOCOLS_STR, "http,https") &&
	    SET(REDIR_PROTOCOLS_STR, "http,https") &&
	    SET(FOLLOWLOCATION, f->redirects > 0 ? 1L : 0L) &&
	    SET(MAXREDIRS, (long)f->redirects) && SET(TIMEOUT_MS, ms) &&
	    SET(CONNECTTIMEOUT_MS,
		connect_ms > 0 && connect_ms < ms ? connect_ms : ms) &&
	    SET(QUICK_EXIT, 1L) && (!f->ca_file || SET(CAINFO, f->ca_file));
}

static bool
set_request(CURL *curl, const struct fetch *f, struct curl_slist *headers)
{
	if (f->body.p &&
	    !(SET(POST, 1L) && SET(POSTFIELDS, f->body.p) &&
		SET(POSTFIELDSIZE_LARGE, (curl_off_t)f->body.n)))
		return false;
	if (f->method && strcmp(f->method, "HEAD") == 0 && !SET(NOBODY, 1L))
		return false;
	return (!f->method || SET(CUSTOMREQUEST, f->method)) &&
	    SET(URL, f->url) && SET(HTTPHEADER, headers);
}

static bool
set_answer(CURL *curl, struct call *call)
{
	if (call->fetch->go_on &&
	    !(SET(NOPROGRESS, 0L) && SET(XFERINFOFUNCTION, on_progress) &&
		SET(XFERINFODATA, (void *)call)))
		return false;
	return SET(WRITEFUNCTION, on_body) && SET(WRITEDATA, (void *)call) &&
	    SET(ERRORBUFFER, call->trouble);
}

#undef SET

/* "Expect: 100-continue" would wait a second for servers that ignore it. */
static bool
make_headers(const struct fetch *f, struct curl_slist **list)
{
	struct curl_slist *longer = curl_slist_append(NULL, "Expect:");

	for (size_t i = 0; longer && f->headers[i]; i++) {
		*list = longer;
		longer = curl_slist_append(*list, f->headers[i]);
	}
	if (longer)
		*list = longer;
	return longer != NULL;
}

static const char *
copy_text(struct arena *mem, const char *text)
{
	const char *copy = arena_copy(mem, text, strlen(text));

	return copy ? copy : "";
}

/* Not the text in curl's error buffer, which may contain the URL. */
static enum err
transfer_error(const struct call *call, CURLcode code,
    struct fetch_answer *answer)
{
	answer->trouble = curl_easy_strerror(code);
	if (call->body.failed) {
		answer->trouble = "no memory for the answer";
		return E_TOO_LARGE;
	}
	if (call->is_too_large)
		answer->trouble = "the answer is too large";
	return code == CURLE_OPERATION_TIMEDOUT ? E_TIMEOUT : E_BAD_GATEWAY;
}

static enum err
perform(CURL *curl, struct arena *mem, struct call *call,
    struct fetch_answer *answer)
{
	CURLcode code = curl_easy_perform(curl);
	const char *type = NULL;

	if (code != CURLE_OK)
		return transfer_error(call, code, answer);
	curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
	answer->status = status_of(curl);
	answer->type = copy_text(mem, type ? type : "");
	answer->body = buf_view(&call->body);
	return OK;
}

enum err
fetch(struct arena *mem, const struct fetch *f, struct fetch_answer *answer)
{
	CURL *curl = open_handle();
	struct call call = { .fetch = f, .curl = curl };
	struct curl_slist *headers = NULL;
	int ms = clock_ms_left(f->deadline_ns);
	enum err e = E_TOO_LARGE;

	*answer = (struct fetch_answer){ .trouble = "no memory", .type = "" };
	buf_init(&call.body, mem);
	if (ms == 0) { /* to curl 0 means no timeout */
		answer->trouble = "the deadline has passed";
		e = E_TIMEOUT;
	} else if (curl && make_headers(f, &headers) &&
	    set_bounds(curl, f, ms) && set_request(curl, f, headers) &&
	    set_answer(curl, &call)) {
		e = perform(curl, mem, &call, answer);
	}
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	return e;
}

const char *
fetch_url_problem(const char *url)
{
	static const char problem[] = "must be an http or https URL"
				      " without a query and a final slash";
	CURLU *parts = curl_url();
	char *scheme = NULL, *query = NULL;
	bool good = parts &&
	    curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
	    curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
	    (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0) &&
	    curl_url_get(parts, CURLUPART_QUERY, &query, 0) ==
		CURLUE_NO_QUERY &&
	    url[strlen(url) - 1] != '/';

	curl_free(scheme);
	curl_free(query);
	curl_url_cleanup(parts);
	return good ? NULL : problem;
}
