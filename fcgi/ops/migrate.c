/*
 * `io7 migrate`: applies the migrations in IO7_SQL_DIR to both databases.
 */
#include "fcgi/ops/migrate.h"

#include "lib/base/panic.h"
#include "lib/os/clock.h"
#include "stmts/ops.h"

#include <sysexits.h>

/* The provisioning functions may be newer than the schemas that exist. */
static void
report_outdated(struct migrate *m)
{
	for (enum mode mode = MODE_LIVE; mode < MODE_COUNT; mode++) {
		struct tenant_totals_row *row;

		ops_db_must(&m->access, mode,
		    tenant_totals(m->access.base[mode], &row), "its tenants");
		if (row->outdated)
			printf("%s database: %lld tenants are outdated:"
			       " run `io7 tenant upgrade`\n",
			    mode_name(mode), (long long)row->outdated);
	}
}

static const char *
applied_at(const struct applied *g, int number, char text[CLOCK_TEXT])
{
	for (size_t i = 0; i < g->n; i++)
		if (g->rows[i].number == number) {
			clock_text(g->rows[i].applied_at, text);
			return text;
		}
	return "";
}

static void
print_states(const struct migrate *m)
{
	printf("%-32s %-8s %-8s %s\n", "MIGRATION", "LIVE", "TEST", "APPLIED");
	for (size_t i = 0; i < m->files.n; i++) {
		const struct migration *file = &m->files.list[i];
		const char *states[MODE_COUNT];
		char text[CLOCK_TEXT];

		for (enum mode mode = MODE_LIVE; mode < MODE_COUNT; mode++)
			states[mode] = migration_state_name(
			    migration_state(file, &m->applied[mode], mode));
		printf("%-32s %-8s %-8s %s\n", file->name, states[MODE_LIVE],
		    states[MODE_TEST],
		    applied_at(&m->applied[MODE_LIVE], file->number, text));
	}
}

static void
print_states_json(const struct migrate *m)
{
	struct buf b;

	buf_init(&b, m->access.mem);
	buf_printf(&b, "{\"live\":%d,\"test\":%d,\"migrations\":[",
	    m->applied[MODE_LIVE].reached, m->applied[MODE_TEST].reached);
	for (size_t i = 0; i < m->files.n; i++) {
		const struct migration *file = &m->files.list[i];
		char text[CLOCK_TEXT];

		buf_printf(&b, "%s{\"number\":%d,\"name\":\"%s\"", i ? "," : "",
		    file->number, file->name);
		for (enum mode mode = MODE_LIVE; mode < MODE_COUNT; mode++)
			buf_printf(&b, ",\"%s\":\"%s\"", mode_name(mode),
			    migration_state_name(migration_state(file,
				&m->applied[mode], mode)));
		buf_printf(&b, ",\"applied_at\":\"%s\"}",
		    applied_at(&m->applied[MODE_LIVE], file->number, text));
	}
	buf_puts(&b, "]}\n");
	fwrite(b.p, 1, b.n, stdout);
}

/* --- Verbs ---------------------------------------------------------------- */

/* The number after --to, or -1. */
static int
read_to(struct args *args)
{
	const char *word = args_value(args, "--to");
	uint64_t number;

	if (!word)
		return -1;
	if (!str_to_u64(str_of(word), &number) || number > INT32_MAX)
		die(EX_USAGE, "%s: --to %s is not a number", args->command,
		    word);
	return (int)number;
}

static void
check_to(const struct migrate *m, int to)
{
	if (to > (int)m->files.n)
		die(EX_USAGE, "migrate: there is no migration %03d", to);
}

static int
run_up(struct migrate *m, void *context)
{
	static const bool both[MODE_COUNT] = { true, true };
	const int *to = context;
	int code = migrate_up(m, both, *to < 0 ? (int)m->files.n : *to);

	if (code == EXIT_SUCCESS && *to < 0)
		report_outdated(m);
	return code;
}

static int
run_down(struct migrate *m, void *context)
{
	const int *to = context;

	return migrate_down(m, *to);
}

static int
run_check(struct migrate *m, void *context)
{
	const bool *json = context;

	return migrate_check(m, *json);
}

static int
change(struct args *args, int to, int (*work)(struct migrate *, void *))
{
	const struct options *opts = args_options(args);
	struct migrate m;
	int code;

	args_end(args);
	migrate_open(&m, opts);
	check_to(&m, to);
	code = migrate_alone(&m, work, &to);
	migrate_close(&m);
	return code;
}

static int
up(struct args *args)
{
	return change(args, read_to(args), run_up);
}

/* Undoing a migration loses data, so --to is required. */
static int
down(struct args *args)
{
	int to = read_to(args);

	if (to < 0)
		die(EX_USAGE, "%s: down needs --to N", args->command);
	return change(args, to, run_down);
}

static int
status(struct args *args)
{
	const struct options *opts = args_options(args);
	bool json = args_flag(args, "--json");
	struct migrate m;

	args_end(args);
	migrate_open(&m, opts);
	if (json)
		print_states_json(&m);
	else
		print_states(&m);
	migrate_close(&m);
	return EXIT_SUCCESS;
}

static int
check(struct args *args)
{
	const struct options *opts = args_options(args);
	bool json = args_flag(args, "--json");
	struct migrate m;
	int code;

	args_end(args);
	migrate_open(&m, opts);
	code = migrate_alone(&m, run_check, &json);
	migrate_close(&m);
	return code;
}

const struct command_verb migrate_verbs[] = {
	{ "up", "[--to N]", "applies the pending migrations", up },
	{ "down", "--to N", "undoes all migrations after number N", down },
	{ "status", "[--json]", "lists the migrations and what is applied",
	    status },
	{ "check", "[--json]",
	    "reports where a database differs from the files", check },
	{ 0 },
};
