/*
 * A heartbeat tells that a job ran elsewhere. That one is missing is noticed
 * where due jobs are decided.
 */
#include "fcgi/cron/handlers.h"

#include "fcgi/cron/due.h"
#include "fcgi/cron/job.h"
#include "fcgi/http/resp.h"
#include "fcgi/identity/principal.h"
#include "lib/json/member.h"
#include "lib/os/clock.h"
#include "stmts/cron.h"

static enum err
record(struct req *r, int64_t now_us, struct heartbeat_record_row **row)
{
	struct db_tx *tx = db_begin(r, MODE_LIVE);
	struct uuid user = r->principal->tenant.user;
	struct str mode = str_of(mode_name(r->principal->mode));
	enum err e =
	    heartbeat_record(tx, user, mode, r->params[0], now_us, row);

	if (e == OK && *row)
		e = runs_trim(tx, (struct array){ &user, 1 },
		    (struct array){ &mode, 1 },
		    (struct array){ &(*row)->job_id, 1 }, RUNS_KEPT, NULL);
	return db_result(r, tx, e);
}

enum err
cron_post_heartbeat(struct req *r)
{
	struct heartbeat_record_row *row = NULL;
	int64_t now = clock_wall_us();
	struct str name = r->params[0];
	struct buf *b;
	enum err e = OK;

	if (str_is_utf8(name) && !str_has_control(name, false))
		e = record(r, now, &row);
	if (e != OK)
		return e;
	if (!row)
		return fail_saying(r, E_NOT_FOUND,
		    "There is no heartbeat job of this name.");
	b = resp_body(r, 200);
	buf_putc(b, '{');
	member_text(b, "job_id", row->job_id);
	member_time(b, "recorded_at", (struct opt_int64){ true, now });
	member_time(b, "next_expected_at", row->next_at);
	buf_puts(b, "}\n");
	return OK;
}
