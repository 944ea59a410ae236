/*
 * `io7 plan`: lists the plans and assigns one to a user.
 */
#include "fcgi/ops/user.h"

#include "fcgi/account/plan.h"
#include "lib/base/panic.h"
#include "stmts/account.h"
#include "stmts/ops.h"

#include <sysexits.h>

static void
print_plan(const struct plan_list_row *p)
{
	printf("%-12.*s %12lld %8d %16lld %8d  %.*s\n", STR_ARGS(p->plan_id),
	    (long long)p->credits_per_day, p->requests_per_minute,
	    (long long)p->storage_bytes, p->streams, STR_ARGS(p->name));
}

static int
list(struct args *args)
{
	const struct options *opts = args_options(args);
	bool json = args_flag(args, "--json");
	struct plan_list_row *rows = NULL;
	struct ops_db a;
	struct buf b;
	size_t n = 0;

	user_open_db(&a, args, opts);
	ops_db_must(&a, MODE_LIVE, plan_list(a.base[MODE_LIVE], &rows, &n),
	    "its plans");
	buf_init(&b, a.mem);
	if (!json)
		printf("%-12s %12s %8s %16s %8s  %s\n", "PLAN", "CREDITS/DAY",
		    "REQ/MIN", "STORAGE", "STREAMS", "NAME");
	for (size_t i = 0; i < n; i++) {
		if (!json) {
			print_plan(&rows[i]);
			continue;
		}
		buf_puts(&b, i ? ",\n" : "{\"plans\":[");
		plan_json(&b, &rows[i]);
	}
	if (json)
		buf_puts(&b, "]}\n");
	user_lookup_flush(&b);
	ops_db_close(&a);
	return EXIT_SUCCESS;
}

static enum err
set_plan(struct db_tx *tx, struct uuid user, const void *plan)
{
	return user_set_plan(tx, user, str_of(plan), NULL);
}

/* The name of an existing plan needs no quoting in the audit row. */
static void
check_plan(struct ops_db *a, const char *name)
{
	struct plan_list_row *rows = NULL;
	size_t n = 0;

	ops_db_must(a, MODE_LIVE, plan_list(a->base[MODE_LIVE], &rows, &n),
	    "its plans");
	for (size_t i = 0; i < n; i++)
		if (str_eq(rows[i].plan_id, str_of(name)))
			return;
	die(EX_USAGE, "there is no plan %s; `io7 plan list` lists the plans",
	    name);
}

static int
set(struct args *args)
{
	const struct options *opts = args_options(args);
	const char *who = args_need(args, "USER");
	const char *plan = args_need(args, "PLAN");
	const struct user_list_row *row;
	char details[64];
	struct ops_db a;

	user_open_db(&a, args, opts);
	row = user_lookup_find(&a, who);
	check_plan(&a, plan);
	snprintf(details, sizeof(details), "{\"plan\":\"%s\"}", plan);
	if (!str_eq(row->plan_id, str_of(plan)))
		user_change(&a,
		    &(struct audit){ .event = AUDIT_PLAN_CHANGED,
			.user = { true, row->user_id },
			.details = details },
		    set_plan, plan);
	printf("%.*s now has the plan %s\n", STR_ARGS(row->name), plan);
	ops_db_close(&a);
	return EXIT_SUCCESS;
}

const struct command_verb plan_verbs[] = {
	{ "list", "[--json]", "lists the plans", list },
	{ "set", "USER PLAN", "gives a user another plan", set },
	{ 0 },
};
