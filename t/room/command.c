/*
 * A route that runs the command in its body, as an attempt of a cron job does, and
 * tells its outcome.
 */
#include "fcgi/room.h"

#include "fcgi/cron/command.h"
#include "fcgi/http/resp.h"
#include "fcgi/identity/principal.h"
#include "lib/json/member.h"
#include "lib/os/clock.h"

static const char *const outcomes[] = {
	[WORK_DONE] = "done",
	[WORK_FAILED] = "failed",
	[WORK_REFUSED] = "refused",
	[WORK_LATER] = "later",
};

static void
tell(struct req *r, enum work_outcome outcome, const struct work *work,
    const struct cron_output *out)
{
	struct buf *b = resp_body(r, 200);

	buf_putc(b, '{');
	member_text(b, "outcome", str_of(outcomes[outcome]));
	member_text(b, "why", str_of(work->why));
	member_int(b, "pause_us", work->pause_us);
	member_text(b, "output", buf_view(&out->text));
	member_bool(b, "is_cut", out->is_cut);
	buf_puts(b, "}\n");
}

/* ?run=ID&ms=N: the id of the run, and the time until the deadline. */
static enum err
run(struct req *r)
{
	struct work work = {
		.service = r->service,
		.mem = r->mem,
		.user = r->principal->tenant.user,
		.due_us = clock_wall_us(),
		.attempt = 1,
	};
	struct cron_caller who = {
		.tenant = r->principal->tenant,
		.mode = r->principal->mode,
		.storage_bytes = r->principal->plan.storage_bytes,
	};
	struct cron_output out = { 0 };
	struct cron_command command;
	const char *problem;
	struct str ms;
	uint64_t n = 20000;
	enum err e = req_query(r, "run", &who.run);

	if (e == OK)
		e = req_query(r, "ms", &ms);
	if (e == OK && ms.p && !str_to_u64(ms, &n))
		e = fail_field(r, E_BAD_REQUEST, "ms", "must be a number");
	if (e != OK)
		return e;
	if (cron_command_parse(r->mem, r->body, &command, &problem) != OK)
		return fail_field(r, E_BAD_REQUEST, "command", problem);
	work.deadline_ns = clock_mono_ns() + (int64_t)n * NS_PER_MS;
	buf_init(&out.text, r->mem);
	tell(r, cron_command_run(&work, &command, &who, &out), &work, &out);
	return OK;
}

static const struct route routes[] = {
	{ POST, "/t/command", NEED_WRITE, 0, ROUTE_BODY, run,
	    .about = "runs a command of a cron job", .query = "run ms",
	    .types = "*", .pool = &stream_pool },
};

const struct room command_room = {
	.name = "command",
	.routes = { ROWS(routes) },
};
