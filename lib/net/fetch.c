/*
 * Requests by libcurl. Each has its own handle, so that requests share nothing,
 * not even a connection.
 *
 * libcurl resolves names in a thread, because the system's resolver has no
 * deadline. A thread that is not done in time is abandoned and ends by itself.
 */
#include "lib/net/fetch.h"

#include "lib/net/address.h"
#include "lib/os/clock.h"

#include <curl/curl.h>
#include <strings.h>

/* Bytes of all heads together: of redirects and of interim answers too. */
enum { HEAD_MAX = 64 * 1024 };

struct call {
	const struct fetch *fetch;
	CURL *curl;
	struct buf body;
	uint64_t received;        /* bytes of the body */
	size_t head;              /* bytes of the heads */
	bool has_begun, has_head; /* the last head, and all of it */
	bool is_too_large, is_cut, is_stopped;
	const char *refusal; /* of the last address that was refused */
	char trouble[CURL_ERROR_SIZE];
};

static int
status_of(CURL *curl)
{
	long status = 0;

	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	return (int)status;
}

/* Any result but n ends the transfer, here and below. */
static size_t
on_head(char *data, size_t one, size_t n, void *into)
{
	struct call *call = into;
	struct str line = str_trim((struct str){ data, n });

	(void)one;
	if (str_starts(line, STR("HTTP/"))) {
		call->has_begun = true;
		call->has_head = false;
	} else if (line.n == 0) {
		call->has_head = true;
	}
	call->head += n;
	call->is_too_large = call->head > HEAD_MAX;
	return call->is_too_large ? 0 : n;
}

static bool
take(struct call *call, struct str piece)
{
	const struct fetch *f = call->fetch;

	if (f->piece && status_of(call->curl) == 200) {
		call->is_stopped = !f->piece(f->to, piece);
		return !call->is_stopped;
	}
	buf_str(&call->body, piece);
	return !call->body.failed;
}

static size_t
on_body(char *data, size_t one, size_t n, void *into)
{
	struct call *call = into;
	uint64_t max = call->fetch->max, left = max - call->received;

	(void)one;
	if (n <= left) {
		call->received += n;
		return take(call, (struct str){ data, n }) ? n : 0;
	}
	call->is_cut = call->fetch->is_cut_at_max;
	call->is_too_large = !call->is_cut;
	call->received = max;
	if (call->is_cut && !take(call, (struct str){ data, (size_t)left }))
		call->is_cut = false;
	return 0;
}

/* Reads the answer as far as it has arrived; its type belongs to libcurl. */
static void
look(const struct call *call, struct fetch_answer *answer)
{
	const char *type = NULL;
	curl_off_t retry_after = 0;

	curl_easy_getinfo(call->curl, CURLINFO_CONTENT_TYPE, &type);
	curl_easy_getinfo(call->curl, CURLINFO_RETRY_AFTER, &retry_after);
	answer->status = status_of(call->curl);
	answer->type = type ? type : "";
	answer->body = buf_view(&call->body);
	answer->retry_after_s = retry_after > 0 ? retry_after : 0;
	answer->is_cut = call->is_cut;
}

/* A result other than 0 ends the transfer. */
static int
on_progress(void *into, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	struct call *call = into;
	const struct fetch *f = call->fetch;
	struct fetch_answer answer = { 0 };

	(void)(a + b + c + d);
	if (f->so_far) {
		look(call, &answer);
		f->so_far(f->to, &answer);
	}
	call->is_stopped = f->go_on && !f->go_on(f->to);
	return call->is_stopped;
}

/*
 * libcurl connects to this very address, so that no name can be resolved to
 * another one between the check and the connection.
 */
static curl_socket_t
on_socket(void *into, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct call *call = into;
	const char *refusal = address_refusal(&to->addr, call->fetch->allow);

	(void)purpose;
	if (refusal) {
		call->refusal = refusal;
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
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

/* Neither the environment nor files of the user may change a request. */
static bool
set_bounds(CURL *curl, const struct fetch *f, long ms)
{
	long connect_ms = (long)(f->connect_ns / NS_PER_MS);

	return SET(NOSIGNAL, 1L) && SET(PROXY, "") && SET(USERAGENT, "io7") &&
	    SET(NETRC, (long)CURL_NETRC_IGNORED) &&
	    SET(PROTOCOLS_STR, "http,https") &&
	    SET(REDIR_PROTOCOLS_STR, "http,https") &&
	    SET(FOLLOWLOCATION, f->redirects > 0 ? 1L : 0L) &&
	    SET(MAXREDIRS, (long)f->redirects) && SET(TIMEOUT_MS, ms) &&
	    SET(CONNECTTIMEOUT_MS,
		connect_ms > 0 && connect_ms < ms ? connect_ms : ms) &&
	    SET(QUICK_EXIT, 1L) && (!f->ca_file || SET(CAINFO, f->ca_file));
}

static bool
set_guard(CURL *curl, struct call *call)
{
	return !call->fetch->allow ||
	    (SET(OPENSOCKETFUNCTION, on_socket) &&
		SET(OPENSOCKETDATA, (void *)call) &&
		SET(DISALLOW_USERNAME_IN_URL, 1L));
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
	if ((call->fetch->go_on || call->fetch->so_far) &&
	    !(SET(NOPROGRESS, 0L) && SET(XFERINFOFUNCTION, on_progress) &&
		SET(XFERINFODATA, (void *)call)))
		return false;
	return SET(WRITEFUNCTION, on_body) && SET(WRITEDATA, (void *)call) &&
	    SET(HEADERFUNCTION, on_head) && SET(HEADERDATA, (void *)call) &&
	    SET(ERRORBUFFER, call->trouble);
}

#undef SET

/* A line break in a header would begin another header. */
static bool
are_headers_valid(const struct fetch *f)
{
	for (size_t i = 0; f->headers[i]; i++)
		if (str_has_control(str_of(f->headers[i]), false))
			return false;
	return true;
}

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

static const struct {
	CURLcode code;
	enum fetch_outcome outcome;
} outcomes[] = {
	{ CURLE_OK, FETCH_ANSWERED },
	{ CURLE_URL_MALFORMAT, FETCH_REFUSED },
	{ CURLE_LOGIN_DENIED, FETCH_REFUSED },
	{ CURLE_COULDNT_RESOLVE_HOST, FETCH_UNKNOWN_HOST },
	{ CURLE_COULDNT_CONNECT, FETCH_UNREACHABLE },
	{ CURLE_SSL_CONNECT_ERROR, FETCH_UNTRUSTED },
	{ CURLE_SSL_CIPHER, FETCH_UNTRUSTED },
	{ CURLE_PEER_FAILED_VERIFICATION, FETCH_UNTRUSTED },
	{ CURLE_OPERATION_TIMEDOUT, FETCH_TIMED_OUT },
	/* Of a header line that is longer than libcurl's buffer for it. */
	{ CURLE_OUT_OF_MEMORY, FETCH_TOO_LARGE },
	{ CURLE_GOT_NOTHING, FETCH_BROKEN },
	{ CURLE_HTTP2, FETCH_BROKEN },
	{ CURLE_HTTP2_STREAM, FETCH_BROKEN },
	{ CURLE_PARTIAL_FILE, FETCH_BROKEN },
	{ CURLE_RECV_ERROR, FETCH_BROKEN },
	{ CURLE_SEND_ERROR, FETCH_BROKEN },
	{ CURLE_WEIRD_SERVER_REPLY, FETCH_BROKEN },
	{ CURLE_TOO_MANY_REDIRECTS, FETCH_REDIRECTED },
};

static bool
is_http(CURL *curl)
{
	const char *url = NULL;

	curl_easy_getinfo(curl, CURLINFO_EFFECTIVE_URL, &url);
	return url &&
	    (strncasecmp(url, "http:", 5) == 0 ||
		strncasecmp(url, "https:", 6) == 0);
}

static enum fetch_outcome
outcome_of(const struct call *call, CURLcode code)
{
	if (call->is_too_large)
		return FETCH_TOO_LARGE;
	if (call->is_cut)
		return FETCH_ANSWERED;
	if (call->is_stopped)
		return FETCH_STOPPED;
	if (code == CURLE_COULDNT_CONNECT && call->refusal)
		return FETCH_REFUSED;
	/* That of the last redirect, or that of an answer that is not HTTP. */
	if (code == CURLE_UNSUPPORTED_PROTOCOL)
		return is_http(call->curl) ? FETCH_BROKEN : FETCH_REFUSED;
	/* libcurl takes an answer that ends within its head for a whole one. */
	if (call->has_begun && !call->has_head && code == CURLE_OK)
		return FETCH_BROKEN;
	for (size_t i = 0; i < ARRAY_LEN(outcomes); i++)
		if (outcomes[i].code == code)
			return outcomes[i].outcome;
	return FETCH_FAILED;
}

/* Not the text in curl's error buffer, which may contain the URL. */
static const char *
trouble_of(struct arena *mem, const struct call *call, CURLcode code)
{
	struct buf text;

	if (call->body.failed)
		return "no memory for the answer";
	if (call->is_too_large)
		return "the answer is too large";
	if (code == CURLE_OK)
		return "the answer ends within its headers";
	if (code != CURLE_COULDNT_CONNECT || !call->refusal)
		return curl_easy_strerror(code);
	buf_init(&text, mem);
	buf_printf(&text, "the address is refused: %s", call->refusal);
	return buf_text(&text, "the address is refused");
}

static enum err
perform(struct arena *mem, struct call *call, struct fetch_answer *answer)
{
	CURLcode code = curl_easy_perform(call->curl);

	look(call, answer);
	answer->type = copy_text(mem, answer->type);
	answer->outcome = outcome_of(call, code);
	if (answer->outcome == FETCH_ANSWERED)
		return OK;
	answer->trouble = trouble_of(mem, call, code);
	if (call->body.failed)
		return E_TOO_LARGE;
	return answer->outcome == FETCH_TIMED_OUT ? E_TIMEOUT : E_BAD_GATEWAY;
}

enum err
fetch(struct arena *mem, const struct fetch *f, struct fetch_answer *answer)
{
	CURL *curl = open_handle();
	struct call call = { .fetch = f, .curl = curl };
	struct curl_slist *headers = NULL;
	int64_t begin = clock_mono_ns();
	int ms = clock_ms_left(f->deadline_ns);
	enum err e = E_TOO_LARGE;

	*answer = (struct fetch_answer){
		.trouble = "no memory",
		.type = "",
		.outcome = FETCH_FAILED,
	};
	buf_init(&call.body, mem);
	if (ms == 0) { /* to curl 0 means no timeout */
		answer->trouble = "the deadline has passed";
		answer->outcome = FETCH_TIMED_OUT;
		e = E_TIMEOUT;
	} else if (!are_headers_valid(f)) {
		answer->trouble = "a header has control characters";
		e = E_BAD_REQUEST;
	} else if (curl && make_headers(f, &headers) &&
	    set_bounds(curl, f, ms) && set_guard(curl, &call) &&
	    set_request(curl, f, headers) && set_answer(curl, &call)) {
		e = perform(mem, &call, answer);
	}
	answer->duration_ns = clock_mono_ns() - begin;
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	return e;
}

const char *
fetch_outcome_name(enum fetch_outcome outcome)
{
	static const char *const names[FETCH_OUTCOMES] = {
		[FETCH_ANSWERED] = "answered",
		[FETCH_REFUSED] = "refused",
		[FETCH_UNKNOWN_HOST] = "unknown_host",
		[FETCH_UNREACHABLE] = "unreachable",
		[FETCH_UNTRUSTED] = "untrusted",
		[FETCH_TIMED_OUT] = "timed_out",
		[FETCH_TOO_LARGE] = "too_large",
		[FETCH_BROKEN] = "broken",
		[FETCH_REDIRECTED] = "redirected",
		[FETCH_STOPPED] = "stopped",
		[FETCH_FAILED] = "failed",
	};

	return names[outcome];
}
