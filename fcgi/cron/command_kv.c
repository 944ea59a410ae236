/*
 * kv transform KEY PROGRAM.
 */
#include "fcgi/cron/command_impl.h"

#include "fcgi/identity/principal.h"
#include "fcgi/transform/stored.h"
#include "lib/os/log.h"
#include "stmts/cron.h"

/* The bytes of the plan that the user's database leaves to the store. */
static enum err
find_store_max(struct cron_run *run, int64_t *store_max)
{
	const struct cron_caller *who = run->who;
	struct cron_database_bytes_row *row = NULL;
	struct db_tx *tx =
	    db_open(run->work->service->db, run->work->mem, MODE_LIVE);
	enum err e = cron_database_bytes(tx, who->tenant.user,
	    str_of(mode_name(who->mode)), &row);
	int64_t database = row ? row->bytes - DATABASE_FREE_BYTES : 0;

	if (e != OK)
		log_event(LOG_WARN, "cron_kv", "%s", db_trouble(tx));
	*store_max = who->storage_bytes - (database > 0 ? database : 0);
	return e;
}

/* The program is wrong, or another attempt may have another result. */
static enum work_outcome
outcome_of(enum err e)
{
	return e == E_BAD_REQUEST || e == E_TOO_LARGE ? WORK_REFUSED
						      : WORK_FAILED;
}

enum work_outcome
cron_run_kv(struct cron_run *run)
{
	struct stored_transform t = {
		.service = run->work->service,
		.mem = run->work->mem,
		.tenant = &run->who->tenant,
		.mode = run->who->mode,
		.key = run->command->key,
		.program = run->command->program,
		.deadline_ns = cron_deadline_ns(run),
	};
	enum err e = find_store_max(run, &t.store_max);

	if (e != OK)
		return cron_fail(run, WORK_FAILED,
		    "The store is not available; try again shortly.");
	e = transform_stored(&t);
	if (e != OK)
		return cron_fail(run, outcome_of(e), t.why);
	cron_printf(run, "Saved as version %lld.\n", (long long)t.version);
	if (t.warning)
		cron_printf(run, "%s\n", t.warning);
	cron_print(run, STR("\n"));
	cron_print(run, t.result);
	return WORK_DONE;
}
