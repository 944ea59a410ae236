/*
 * Follows a run. Its row is read several times a second, since the runner may be
 * on another host: events are what has changed in it.
 */
#include "fcgi/cron/handlers.h"

#include "fcgi/cron/history.h"
#include "fcgi/cron/rules.h"
#include "fcgi/cron/run.h"
#include "fcgi/http/resp.h"
#include "fcgi/http/sse.h"
#include "fcgi/identity/principal.h"
#include "fcgi/options.h"
#include "lib/json/member.h"
#include "lib/os/clock.h"

#define LOOK_NS (250 * NS_PER_MS)

struct follow {
	struct req *r;
	struct arena *mem; /* of one look */
	struct uuid run;
	uint64_t events;
	int32_t sent; /* bytes of the output */
	int32_t attempt;
	int status; /* that the client knows, or -1 */
	int64_t heard_ns;
	bool has_ended;
};

static bool
send_run(struct follow *f, const struct run_get_row *row, bool is_last)
{
	struct buf b;

	buf_init(&b, f->mem);
	run_json(&b, &RUN_OF(row));
	f->heard_ns = clock_mono_ns();
	if (b.failed)
		return false;
	return is_last ? sse_last_event(f->r, "done", ++f->events, buf_view(&b))
		       : sse_event(f->r, "status", ++f->events, buf_view(&b));
}

static bool
send_output(struct follow *f, struct str text)
{
	struct buf b;

	if (!text.n)
		return true;
	buf_init(&b, f->mem);
	buf_putc(&b, '{');
	member_text(&b, "text", text);
	member_int(&b, "at", f->sent);
	buf_putc(&b, '}');
	f->sent += (int32_t)text.n;
	f->heard_ns = clock_mono_ns();
	return !b.failed &&
	    sse_event(f->r, "output", ++f->events, buf_view(&b));
}

/*
 * A further attempt writes its output from the start, and may have ended already:
 * the next look sends all of it.
 */
static bool
send_changes(struct follow *f, const struct run_get_row *row)
{
	int status = cron_word(cron_statuses, row->status);
	bool is_new = row->attempt != f->attempt;

	f->has_ended = run_has_ended(row->status);
	if ((is_new || status != f->status) && !f->has_ended &&
	    !send_run(f, row, false))
		return false;
	f->status = status;
	f->attempt = row->attempt;
	if (is_new && f->sent) {
		f->sent = 0;
		f->has_ended = false;
		return true;
	}
	/* The rest of a character comes with the next piece. */
	if (!send_output(f,
		f->has_ended ? row->output : str_whole_utf8(row->output)))
		return false;
	return !f->has_ended || send_run(f, row, true);
}

static bool
keep_open(struct follow *f)
{
	if (clock_mono_ns() - f->heard_ns <
	    f->r->service->opts->stream_heartbeat)
		return true;
	f->heard_ns = clock_mono_ns();
	return sse_comment(f->r);
}

/* The run of a stream may be pruned, or PostgreSQL be away: both end it. */
static bool
look(struct follow *f)
{
	struct db_tx *tx = db_open(f->r->service->db, f->mem, MODE_LIVE);
	const struct principal *who = f->r->principal;
	struct run_get_row *row = NULL;
	enum err e = run_get(tx, who->tenant.user, str_of(mode_name(who->mode)),
	    f->run, f->sent, &row);

	return e == OK && row && send_changes(f, row) && keep_open(f);
}

enum err
cron_get_run_stream(struct req *r)
{
	struct follow f = { .r = r, .status = -1 };
	struct run_get_row *row = NULL;
	enum err e;

	if (sse_was_read(r)) {
		resp_empty(r, 204);
		return OK;
	}
	e = history_get(r, r->params[0], 0, &row);
	if (!row)
		return e;
	e = req_scratch(r, &f.mem);
	if (e != OK)
		return e;
	f.run = row->run_id;
	if (!sse_begin(r))
		return OK;
	while (look(&f) && !f.has_ended && sse_wait(r, LOOK_NS))
		arena_reset(f.mem);
	return OK;
}
