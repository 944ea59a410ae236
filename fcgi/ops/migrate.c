/*
 * `io7 migrate`: brings both databases to what the files say, and back.
 */
#include "fcgi/ops/migrate.h"

#include "lib/base/panic.h"
#include "lib/os/clock.h"
#include "stmts/ops.h"

#include <sysexits.h>

struct request {
	int to; /* -1: not given */
	bool json;
};

struct verb {
	const char *name;
	bool takes_to, takes_json;
	bool is_alone; /* no other migrator works meanwhile */
	int (*run)(struct migrate *, const struct request *);
};

/* Tenants do not change with the functions that make them. */
static void
tell_outdated(struct migrate *m)
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

static int
up(struct migrate *m, const struct request *r)
{
	static const bool both[MODE_COUNT] = { true, true };
	int code = migrate_up(m, both, r->to < 0 ? (int)m->files.n : r->to);

	if (code == EXIT_SUCCESS && r->to < 0)
		tell_outdated(m);
	return code;
}

static int
down(struct migrate *m, const struct request *r)
{
	return migrate_down(m, r->to);
}

static int
check(struct migrate *m, const struct request *r)
{
	return migrate_check(m, r->json);
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

static int
status(struct migrate *m, const struct request *r)
{
	if (r->json)
		print_states_json(m);
	else
		print_states(m);
	return EXIT_SUCCESS;
}

static const struct verb verbs[] = {
	{ "up", true, false, true, up },
	{ "down", true, false, true, down },
	{ "status", false, true, false, status },
	{ "check", false, true, true, check },
};

static const struct verb *
read_verb(struct args *args)
{
	const struct verb *verb =
	    args_row(args, verbs, ARRAY_LEN(verbs), sizeof(verbs[0]));

	if (verb)
		return verb;
	die(EX_USAGE,
	    "%s: up [--to N], down --to N, status [--json] or check [--json]",
	    args->command);
}

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

/* Undoing loses data, so how far must be said. */
static void
check_request(const struct args *args, const struct verb *verb,
    const struct request *r)
{
	if (r->json && !verb->takes_json)
		die(EX_USAGE, "%s: %s has no --json", args->command,
		    verb->name);
	if (r->to >= 0 && !verb->takes_to)
		die(EX_USAGE, "%s: %s has no --to", args->command, verb->name);
	if (r->to < 0 && verb->run == down)
		die(EX_USAGE, "%s: down needs --to N", args->command);
}

struct call {
	const struct verb *verb;
	const struct request *request;
};

static int
run(struct migrate *m, void *context)
{
	const struct call *call = context;

	return call->verb->run(m, call->request);
}

int
command_migrate(struct args *args)
{
	const struct options *opts = args_options(args);
	struct request r = { read_to(args), args_flag(args, "--json") };
	struct call call = { read_verb(args), &r };
	struct migrate m;
	int code;

	args_end(args);
	check_request(args, call.verb, &r);
	migrate_open(&m, opts);
	if (r.to > (int)m.files.n)
		die(EX_USAGE, "%s: there is no number %03d", args->command,
		    r.to);
	code = call.verb->is_alone ? migrate_alone(&m, run, &call)
				   : run(&m, &call);
	migrate_close(&m);
	return code;
}
