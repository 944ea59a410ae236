/*
 * http METHOD URL [JSON]: the request is signed as Standard Webhooks does, with
 * the id of the run, so that the target can ignore a repetition.
 */
#include "fcgi/cron/command_impl.h"

#include "fcgi/cron/secret.h"
#include "fcgi/options.h"
#include "fcgi/outbound/outbound.h"
#include "lib/os/clock.h"

enum { PAUSE_MAX_S = 24 * 3600 };

/* An answer, which is printed while it arrives. */
struct print {
	struct cron_run *run;
	bool has_head;
	size_t printed; /* bytes of the body */
};

static void
print_head(struct print *p, int status, const char *type, int64_t retry_after_s)
{
	struct buf b;

	buf_init(&b, p->run->work->mem);
	buf_printf(&b, "HTTP %d\n", status);
	if (type[0])
		buf_printf(&b, "Content-Type: %s\n", type);
	if (retry_after_s)
		buf_printf(&b, "Retry-After: %lld\n", (long long)retry_after_s);
	cron_print(p->run, buf_view(&b));
	p->has_head = true;
}

static void
print_body(struct print *p, struct str body)
{
	struct str rest = { body.p + p->printed, body.n - p->printed };

	if (rest.n && !p->printed)
		cron_print(p->run, STR("\n"));
	cron_print(p->run, rest);
	p->printed = body.n;
}

/* The status alone may be that of a redirect that is followed. */
static void
print_so_far(void *to, const struct fetch_answer *a)
{
	struct print *p = to;
	struct str body = str_whole_utf8(a->body);

	if (!body.n)
		return;
	if (!p->has_head)
		print_head(p, a->status, a->type, a->retry_after_s);
	if (body.n >= p->printed)
		print_body(p, body);
}

static void
print_answer(struct print *p, const struct outbound_answer *a)
{
	if (!a->status)
		return;
	if (!p->has_head)
		print_head(p, a->status, a->type, a->retry_after_s);
	print_body(p, a->body);
	p->run->out->is_cut = p->run->out->is_cut || a->is_cut;
}

/* The target was found to be refused when it was connected to. */
static const char *
refusal(const struct outbound_answer *a)
{
	return a->status >= 300 && a->status <= 399
	    ? "The target redirects to an address that is not allowed."
	    : a->sentence;
}

static const char *
status_sentence(struct cron_run *run, int status)
{
	if (status == 410)
		return "The target answered with status 410: it is gone for"
		       " good.";
	if (status >= 300 && status <= 399)
		return text_printf(run->work->mem, CRON_NO_MEMORY,
		    "The target answered with status %d, a redirect that is not"
		    " followed.",
		    status);
	return text_printf(run->work->mem, CRON_NO_MEMORY,
	    "The target answered with status %d.", status);
}

/* A target that is busy says when to come back. */
static void
set_pause(struct work *work, const struct outbound_answer *a)
{
	int64_t s =
	    a->retry_after_s < PAUSE_MAX_S ? a->retry_after_s : PAUSE_MAX_S;

	if (a->status == 429 || a->status == 503)
		work->pause_us = s * US_PER_S;
}

static enum work_outcome
judge(struct cron_run *run, const struct outbound_answer *a)
{
	if (outbound_is_success(a))
		return WORK_DONE;
	set_pause(run->work, a);
	return cron_fail(run,
	    outbound_may_retry(a) ? WORK_FAILED : WORK_REFUSED,
	    a->outcome == FETCH_ANSWERED      ? status_sentence(run, a->status)
		: a->outcome == FETCH_REFUSED ? refusal(a)
					      : a->sentence);
}

static enum work_outcome
send_request(struct cron_run *run, const struct cron_secret *secret)
{
	const struct cron_command *c = run->command;
	struct print print = { .run = run };
	struct webhook_signer signer = {
		.id = run->who->run,
		.secret = secret->secret,
		.next = secret->previous,
	};
	struct outbound_request q = {
		.method = c->method,
		.url = c->url,
		.body = c->body,
		.timeout_ns = cron_deadline_ns(run) - clock_mono_ns(),
		.keep = CRON_OUTPUT_MAX,
		.follows = true,
		.signer = secret->secret.n ? &signer : NULL,
		.so_far = print_so_far,
		.to = &print,
	};
	struct outbound_answer a;

	outbound_send(run->work->service, run->work->mem, &q, &a);
	print_answer(&print, &a);
	return judge(run, &a);
}

enum work_outcome
cron_run_http(struct cron_run *run)
{
	const struct service *service = run->work->service;
	struct cron_secret secret = {
		.service = service,
		.mem = run->work->mem,
		.user = run->who->tenant.user,
		.mode = run->who->mode,
	};
	enum err e = OK;

	/* Without keys that encrypt secrets, requests are not signed. */
	if (service->opts->seal_keys[0])
		e = cron_secret_find(db_open(service->db, run->work->mem,
					 MODE_LIVE),
		    &secret);
	return e == OK ? send_request(run, &secret)
		       : cron_fail(run, WORK_FAILED, secret.why);
}
