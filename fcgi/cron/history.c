/*
 * The runs of jobs. They outlive their job, until they are pruned.
 */
#include "fcgi/cron/history.h"

#include "fcgi/cron/handlers.h"
#include "fcgi/cron/job.h"
#include "fcgi/cron/rules.h"
#include "fcgi/cron/run.h"
#include "fcgi/db/list.h"
#include "fcgi/http/resp.h"
#include "fcgi/identity/principal.h"
#include "lib/json/member.h"

/* --- GET /api/cron/jobs/:job_id/runs --------------------------------------- */

static enum err
read_status(struct req *r, struct str *status)
{
	enum err e = req_query(r, "status", status);

	if (e == OK && status->p && cron_word(cron_statuses, *status) < 0)
		return fail_field(r, E_BAD_REQUEST, "status",
		    "must be the status of a run");
	return e;
}

/* A text that PostgreSQL accepts: any other is no job's id. */
static bool
may_be_id(struct str id)
{
	return id.n && id.n <= JOB_ID_MAX && str_is_utf8(id) &&
	    !str_has_control(id, false);
}

static enum err
read_runs(struct req *r, struct db_tx *tx, const struct page *page,
    struct list_rows *to)
{
	struct run_list_row *rows = NULL;
	struct str status, job = r->params[0];
	enum err e = read_status(r, &status);

	if (e != OK)
		return e;
	if (!may_be_id(job))
		return fail(r, E_NOT_FOUND, "a malformed id");
	e = run_list(tx, r->principal->tenant.user,
	    str_of(mode_name(r->principal->mode)), job, status, page->at,
	    page->id, page->limit, &rows, &to->n);
	to->items = rows;
	return db_result(r, tx, e);
}

static struct page_mark
write_run(struct req *r, struct buf *b, const void *item)
{
	const struct run_list_row *row = item;

	(void)r;
	run_json(b, &RUN_OF(row));
	return (struct page_mark){ row->due_at, row->run_id };
}

enum err
cron_get_runs(struct req *r)
{
	static const struct list list = { sizeof(struct run_list_row),
		read_runs, write_run };

	return list_answer(r, &list);
}

/* --- GET /api/cron/runs/:run_id -------------------------------------------- */

enum err
history_get(struct req *r, struct str run_id, int32_t from_byte,
    struct run_get_row **row)
{
	struct db_tx *tx = db_begin(r, MODE_LIVE);
	struct uuid id;
	enum err e;

	*row = NULL;
	if (!uuid_of(run_id, &id))
		return fail(r, E_NOT_FOUND, "a malformed id");
	e = run_get(tx, r->principal->tenant.user,
	    str_of(mode_name(r->principal->mode)), id, from_byte, row);
	if (e != OK)
		return db_result(r, tx, e);
	return *row
	    ? OK
	    : fail_saying(r, E_NOT_FOUND, "There is no run with this id.");
}

enum err
cron_get_run(struct req *r)
{
	struct run_get_row *row = NULL;
	struct buf *b;
	enum err e = history_get(r, r->params[0], 0, &row);

	if (!row)
		return e;
	b = resp_body(r, 200);
	buf_putc(b, '{');
	run_members(b, &RUN_OF(row));
	member_text(b, "output", row->output.p ? row->output : STR(""));
	member_bool(b, "output_cut", row->output_cut);
	member(b, "failures");
	buf_str(b, row->failures);
	buf_puts(b, "}\n");
	return OK;
}
