/*
 * `io7 user suspend`, `resume` and `delete`.
 */
#include "fcgi/ops/user.h"

#include "fcgi/account/account_deletion.h"
#include "fcgi/http/err_row.h"
#include "fcgi/identity/credential_change.h"
#include "lib/base/panic.h"
#include "stmts/account.h"
#include "stmts/ops.h"

#include <sysexits.h>

struct job {
	const struct audit *audit;
	enum err (*work)(struct db_tx *, struct uuid, const void *);
	const void *context;
};

static enum err
do_job(struct db_tx *tx, struct credential_change *change)
{
	const struct job *job = change->context;
	struct uuid user = job->audit->user.v;
	enum err e = credential_change_of_user(tx, user, change);

	if (e == OK)
		e = job->work(tx, user, job->context);
	return e == OK ? audit_note_operator(tx, job->audit) : e;
}

bool
user_change(struct ops_db *a, const struct audit *audit,
    enum err (*work)(struct db_tx *, struct uuid, const void *),
    const void *context)
{
	struct job job = { audit, work, context };
	const char *why = "";
	enum err e =
	    credential_change_transact(a->db, a->mem, do_job, &job, &why);

	if (e != OK && e != E_NOT_FOUND)
		die(EXIT_FAILURE, "live database: %s",
		    why[0] ? why : err_row(e)->sentence);
	return e == OK;
}

static enum err
set_status(struct db_tx *tx, struct uuid user, const void *status)
{
	return user_set_status(tx, user, str_of(status), NULL);
}

static int
change_status(struct args *args, enum audit_event event, const char *status)
{
	const struct options *opts = args_options(args);
	const char *who = args_need(args, "USER");
	const struct user_list_row *row;
	struct ops_db a;

	user_open_db(&a, args, opts);
	row = user_lookup_find(&a, who);
	if (str_eq(row->status, STR("leaving")))
		die(EX_UNAVAILABLE, "%s is being deleted", who);
	if (!str_eq(row->status, str_of(status)))
		user_change(&a,
		    &(struct audit){ .event = event,
			.user = { true, row->user_id } },
		    set_status, status);
	printf("%.*s is %s\n", STR_ARGS(row->name), status);
	ops_db_close(&a);
	return EXIT_SUCCESS;
}

int
user_suspend(struct args *args)
{
	return change_status(args, AUDIT_ACCOUNT_SUSPENDED, "suspended");
}

int
user_resume(struct args *args)
{
	return change_status(args, AUDIT_ACCOUNT_RESUMED, "active");
}

/* --- Deleting ------------------------------------------------------------- */

static void
must(enum err e, const char *why)
{
	if (e != OK)
		die(EXIT_FAILURE, "%s", why[0] ? why : err_row(e)->sentence);
}

static void
print_deleted(const struct account_deletion *what)
{
	printf("keys         %lld\nsessions     %lld\naudit rows   %lld\n",
	    (long long)what->keys, (long long)what->sessions,
	    (long long)what->audit_rows);
	for (enum mode m = 0; m < MODE_COUNT; m++)
		printf("%s schema  %lld tables, %lld bytes\n", mode_name(m),
		    (long long)what->schema[m].tables,
		    (long long)what->schema[m].bytes);
}

static void
print_deleted_json(struct ops_db *a, const struct user_list_row *row,
    const struct account_deletion *what)
{
	struct buf b;

	buf_init(&b, a->mem);
	buf_puts(&b, "{\"id\":");
	buf_uuid(&b, row->user_id);
	buf_puts(&b, ",\"removed\":{");
	account_deletion_json(&b, what);
	buf_puts(&b, "}}\n");
	user_lookup_flush(&b);
}

int
user_delete(struct args *args)
{
	const struct conf *conf = args_conf(args);
	bool yes = args_flag(args, "--yes"), json = args_flag(args, "--json");
	const char *who = args_need(args, "USER"), *why = "";
	const struct user_list_row *row;
	struct account_deletion what;
	struct ops_db a;

	if (!yes)
		die(EX_USAGE,
		    "%s: delete removes %s and all data permanently;"
		    " confirm it with --yes",
		    args->command, who);
	user_open_db(&a, args, options_of(conf));
	row = user_lookup_find(&a, who);
	must(account_deletion_survey(a.db, a.mem, row->user_id, &what, &why),
	    why);
	must(account_deletion_begin(a.db, a.mem, row->user_id, &why), why);
	must(account_deletion_finish(ops_db_service(&a, conf), a.mem,
		 row->user_id, &why),
	    why);
	if (json)
		print_deleted_json(&a, row, &what);
	else
		print_deleted(&what);
	ops_db_close(&a);
	return EXIT_SUCCESS;
}
