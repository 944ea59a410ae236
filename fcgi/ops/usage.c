/*
 * `io7 usage show USER`: the daily usage of a user according to the ledger. A
 * day without requests is a row of zeros.
 */
#include "fcgi/ops/command.h"
#include "fcgi/ops/user_lookup.h"

#include "fcgi/meter/usage.h"
#include "lib/base/panic.h"
#include "lib/os/clock.h"
#include "stmts/meter.h"
#include "stmts/ops.h"

#include <sysexits.h>

static int32_t
read_days(struct args *args)
{
	const char *text = args_value(args, "--days");
	uint64_t days = USAGE_DAYS_USUAL;

	if (text &&
	    (!str_to_u64(str_of(text), &days) || days < 1 || days > USAGE_DAYS))
		die(EX_USAGE, "%s: --days must be 1 to %d", args->command,
		    USAGE_DAYS);
	return (int32_t)days;
}

static void
print_head(void)
{
	printf("%-10s  %-4s  %9s  %9s  %9s  %9s  %9s  %9s  %9s  %12s  %12s\n",
	    "DATE", "MODE", "REQUESTS", "CREDITS", "OK", "CLIENT", "SERVER",
	    "RATE", "QUOTA", "BYTES IN", "BYTES OUT");
}

static void
print_row(const struct usage_list_row *row)
{
	char day[CLOCK_TEXT];

	clock_text(clock_midnight(row->day), day);
	printf("%.10s  %-4.*s  %9lld  %9lld  %9lld  %9lld  %9lld  %9lld  %9lld"
	       "  %12lld  %12lld\n",
	    day, STR_ARGS(row->mode), (long long)row->requests,
	    (long long)row->credits, (long long)row->ok,
	    (long long)row->client_error, (long long)row->server_error,
	    (long long)row->rate_limited, (long long)row->quota_exceeded,
	    (long long)row->bytes_in, (long long)row->bytes_out);
}

static void
print_json(struct ops_db *a, struct uuid user,
    const struct usage_list_row *rows, size_t n)
{
	struct buf b;

	buf_init(&b, a->mem);
	buf_puts(&b, "{\"user_id\":");
	buf_uuid(&b, user);
	buf_puts(&b, ",\"days\":[");
	usage_days(&b, rows, n);
	buf_puts(&b, "]}\n");
	user_lookup_flush(&b);
}

static int
show(struct args *args)
{
	const struct options *opts = args_options(args);
	bool json = args_flag(args, "--json");
	int32_t days = read_days(args), today;
	const char *who = args_need(args, "USER");
	struct usage_list_row *rows = NULL;
	struct uuid user;
	struct ops_db a;
	size_t n = 0;

	args_end(args);
	command_clock(opts);
	today = clock_day(clock_wall_us());
	ops_db_open(&a, opts, "io7_chore", "io7 usage");
	user = user_lookup_find(&a, who)->user_id;
	ops_db_must(&a, MODE_LIVE,
	    usage_list(a.base[MODE_LIVE], user, today - days + 1, today, false,
		&rows, &n),
	    who);
	if (json) {
		print_json(&a, user, rows, n);
	} else {
		print_head();
		for (size_t i = 0; i < n; i++)
			print_row(&rows[i]);
	}
	ops_db_close(&a);
	return EXIT_SUCCESS;
}

const struct command_verb usage_verbs[] = {
	{ "show", "USER [--days N] [--json]",
	    "prints the daily usage of the last N days, 30 by default", show },
	{ 0 },
};
