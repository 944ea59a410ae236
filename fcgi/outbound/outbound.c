/*
 * Sends by lib/net/fetch.h, with the rules for URLs that tenants choose.
 */
#include "fcgi/outbound/outbound.h"

#include "fcgi/outbound/options.h"
#include "lib/net/fetch.h"
#include "lib/os/clock.h"

static const char *
allow_of(const struct service *s)
{
	return ROOM_OPTIONS(outbound, s->conf)->allow;
}

const char *
outbound_method_problem(struct str method)
{
	static const char *const methods[] = { "GET", "HEAD", "POST", "PUT",
		"PATCH", "DELETE", "OPTIONS" };

	for (size_t i = 0; i < ARRAY_LEN(methods); i++)
		if (str_eq(method, str_of(methods[i])))
			return NULL;
	return "The method must be GET, HEAD, POST, PUT, PATCH, DELETE or"
	       " OPTIONS.";
}

const char *
outbound_url_problem(const struct service *s, struct str url)
{
	char text[OUTBOUND_URL_MAX + 1];

	if (url.n > OUTBOUND_URL_MAX)
		return "The URL is longer than 2048 bytes.";
	if (str_has_control(url, false))
		return "The URL must not contain control characters.";
	memcpy(text, url.p, url.n);
	text[url.n] = '\0';
	return fetch_url_refusal(text, allow_of(s));
}

bool
outbound_is_success(const struct outbound_answer *a)
{
	return a->outcome == FETCH_ANSWERED && a->status >= 200 &&
	    a->status <= 299;
}

bool
outbound_may_retry(const struct outbound_answer *a)
{
	if (a->outcome != FETCH_ANSWERED)
		return a->outcome != FETCH_REFUSED;
	return a->status == 408 || a->status == 425 || a->status == 429 ||
	    a->status >= 500;
}

static const char *
sentence_of(enum fetch_outcome outcome)
{
	switch (outcome) {
	case FETCH_ANSWERED:
		return "";
	case FETCH_REFUSED:
		return "The target's address is not allowed.";
	case FETCH_UNKNOWN_HOST:
		return "The target's host name cannot be resolved.";
	case FETCH_UNREACHABLE:
		return "The target accepts no connection.";
	case FETCH_UNTRUSTED:
		return "The target's certificate is not valid, or TLS failed.";
	case FETCH_TIMED_OUT:
		return "The target did not answer in time.";
	case FETCH_TOO_LARGE:
		return "The target's answer is too large.";
	case FETCH_BROKEN:
		return "The target's answer is incomplete or not HTTP.";
	case FETCH_REDIRECTED:
		return "The target redirects too often.";
	case FETCH_STOPPED:
		return "The request was stopped.";
	case FETCH_FAILED:
	case FETCH_OUTCOMES:
		break;
	}
	return "The request could not be sent.";
}

/* Empty for a request without a body, whose method usually has one. */
static struct str
body_of(const struct outbound_request *q)
{
	if (str_eq(q->method, STR("HEAD")))
		return (struct str){ 0 };
	if (q->body.p || str_eq(q->method, STR("GET")) ||
	    str_eq(q->method, STR("DELETE")) ||
	    str_eq(q->method, STR("OPTIONS")))
		return q->body;
	return STR("");
}

/* Without a value libcurl leaves out a header that it would add. */
static const char *
type_header(struct arena *mem, const struct outbound_request *q)
{
	struct buf b;

	buf_init(&b, mem);
	buf_puts(&b, "Content-Type:");
	if (q->body.p)
		buf_printf(&b, " %s", q->type ? q->type : "application/json");
	return buf_text(&b, NULL);
}

static bool
add_header(struct arena *mem, struct fetch *f, const char *name,
    struct str value)
{
	size_t n = 0;
	struct buf b;

	while (f->headers[n])
		n++;
	buf_init(&b, mem);
	buf_printf(&b, "%s: ", name);
	buf_str(&b, value);
	buf_putc(&b, '\0');
	f->headers[n] = b.p;
	return !b.failed;
}

static bool
sign(struct arena *mem, const struct outbound_request *q, struct fetch *f)
{
	int64_t now_s = clock_wall_us() / US_PER_S;
	struct buf timestamp, signature;

	buf_init(&timestamp, mem);
	buf_int(&timestamp, now_s);
	buf_init(&signature, mem);
	return webhook_sign(mem, q->signer, now_s, f->body, &signature) &&
	    add_header(mem, f, "webhook-id", q->signer->id) &&
	    add_header(mem, f, "webhook-timestamp", buf_view(&timestamp)) &&
	    add_header(mem, f, "webhook-signature", buf_view(&signature));
}

/* Redirects of other methods would repeat the request without its body. */
static unsigned
redirects_of(const struct outbound_request *q)
{
	bool reads =
	    str_eq(q->method, STR("GET")) || str_eq(q->method, STR("HEAD"));

	return q->follows && reads ? OUTBOUND_REDIRECTS : 0;
}

/* Returns why the request cannot be sent, or NULL. */
static const char *
prepare(const struct service *s, struct arena *mem,
    const struct outbound_request *q, struct fetch *f)
{
	*f = (struct fetch){
		.method = arena_copy(mem, q->method.p, q->method.n),
		.url = arena_copy(mem, q->url.p, q->url.n),
		.headers = { type_header(mem, q) },
		.body = body_of(q),
		.deadline_ns = clock_mono_ns() + q->timeout_ns,
		.connect_ns = q->connect_ns,
		.max = q->keep,
		.is_cut_at_max = !q->must_be_whole,
		.redirects = redirects_of(q),
		.allow = allow_of(s),
		.go_on = q->go_on,
		.so_far = q->so_far,
		.to = q->to,
	};
	if (!f->method || !f->url || !f->headers[0])
		return "no memory for the request";
	if (q->signer && !sign(mem, q, f))
		return "the request cannot be signed";
	return NULL;
}

static void
say(struct outbound_answer *a, enum fetch_outcome outcome, const char *sentence,
    const char *detail)
{
	a->outcome = outcome;
	a->sentence = sentence;
	a->detail = detail;
}

static void
perform(struct arena *mem, const struct fetch *f, struct outbound_answer *a)
{
	struct fetch_answer got;
	enum err e = fetch(mem, f, &got);

	a->status = got.status;
	a->body = got.body;
	a->is_cut = got.is_cut;
	a->type = got.type;
	a->retry_after_s = got.retry_after_s;
	a->duration_ns = got.duration_ns;
	say(a, got.outcome, sentence_of(got.outcome),
	    e == OK ? "" : got.trouble);
}

void
outbound_send(const struct service *s, struct arena *mem,
    const struct outbound_request *q, struct outbound_answer *a)
{
	const char *problem = outbound_method_problem(q->method);
	struct fetch f;

	*a = (struct outbound_answer){ .type = "" };
	if (!problem)
		problem = outbound_url_problem(s, q->url);
	if (problem) {
		say(a, FETCH_REFUSED, problem, problem);
		return;
	}
	problem = prepare(s, mem, q, &f);
	if (problem)
		say(a, FETCH_FAILED, sentence_of(FETCH_FAILED), problem);
	else
		perform(mem, &f, a);
}
