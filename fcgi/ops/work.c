/*
 * `io7 work`: the kinds of queued work, and the items of the queue.
 */
#include "fcgi/ops/user.h"

#include "fcgi/work/kinds.h"
#include "lib/base/panic.h"
#include "lib/json/member.h"
#include "lib/os/clock.h"
#include "stmts/ops.h"
#include "stmts/work.h"

#include <sysexits.h>

enum { BATCH = 1000, LIST_USUAL = 50 };

/* --- kinds ---------------------------------------------------------------- */

/* "as many as possible" is 0. */
static void
print_most(int n)
{
	if (n)
		printf("  %8d", n);
	else
		printf("  %8s", "-");
}

static int
kinds(struct args *args)
{
	/* All verbs take it; the kinds depend on no option. */
	(void)args_value(args, "-c");
	args_end(args);
	printf("%-24s  %-6s  %6s  %8s  %7s  %7s  %8s  %8s  %s\n", "KIND",
	    "RUNS", "LIMIT", "ATTEMPTS", "PAUSE", "LONGEST", "PER USER",
	    "IN ALL", "ABOUT");
	for (size_t i = 0; i < kinds_count; i++) {
		const struct work_kind *k = kind_at(i);

		printf("%-24s  %-6s  %5llds  %8d  %6.4gs  %6.4gs", k->name,
		    k->apart ? "apart" : "here",
		    (long long)(k->timeout_ns / NS_PER_S), k->attempts,
		    (double)k->pause_ns / (double)NS_PER_S,
		    (double)k->pause_max_ns / (double)NS_PER_S);
		print_most(k->per_user);
		print_most(k->in_all);
		printf("  %s\n", k->about);
	}
	return EXIT_SUCCESS;
}

/* --- Items ---------------------------------------------------------------- */

/* One item, or the filters --kind, --user and --state. */
struct selection {
	struct ops_db db;
	int64_t id; /* 0: none is given */
	struct str kind, state;
	struct opt_uuid user;
	bool json;
};

static struct str
read_state(struct args *args)
{
	static const char *const states[] = { "waiting", "ready", "running",
		"done", "dead" };
	const char *word = args_value(args, "--state");

	if (!word)
		return (struct str){ 0 };
	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		if (strcmp(word, states[i]) == 0)
			return str_of(word);
	die(EX_USAGE,
	    "%s: --state must be waiting, ready, running, done or dead",
	    args->command);
}

/* The number of an item; 0 if none is given. */
static int64_t
read_id(struct args *args)
{
	const char *word = args_word(args);
	uint64_t id = 0;

	if (word && (!str_to_u64(str_of(word), &id) || !id || id > INT64_MAX))
		die(EX_USAGE, "%s: ID must be the number of an item",
		    args->command);
	return (int64_t)id;
}

/* Ends the process with EX_USAGE if an argument is left over. */
static void
open_selection(struct selection *s, struct args *args)
{
	const struct options *opts = args_options(args);
	const char *kind = args_value(args, "--kind");
	const char *user = args_value(args, "--user");

	*s = (struct selection){ .json = args_flag(args, "--json") };
	if (kind)
		s->kind = str_of(kind);
	s->state = read_state(args);
	s->id = read_id(args);
	args_end(args);
	command_clock(opts);
	ops_db_open(&s->db, opts, "io7_chore", "io7 work");
	if (user)
		s->user = (struct opt_uuid){ true,
			user_lookup_find(&s->db, user)->user_id };
}

static bool
has_filter(const struct selection *s)
{
	return s->kind.p || s->state.p || s->user.is;
}

static struct db_tx *
live(struct selection *s)
{
	return s->db.base[MODE_LIVE];
}

static bool
is_nobody(struct uuid user)
{
	return uuid_eq(user, (struct uuid){ { 0 } });
}

/* --- list and show -------------------------------------------------------- */

static void
print_row(const struct work_list_row *row)
{
	char user[UUID_TEXT], due[CLOCK_TEXT];

	uuid_text(row->user_id, user);
	clock_text(row->run_at, due);
	printf("%10lld  %-24.*s  %-36s  %-4.*s  %-7.*s  %3d/%-3d  %.19sZ"
	       "  %.*s\n",
	    (long long)row->id, STR_ARGS(row->kind),
	    is_nobody(row->user_id) ? "-" : user, STR_ARGS(row->mode),
	    STR_ARGS(row->state), row->attempt, row->attempts_max, due,
	    STR_ARGS(row->error));
}

static void
print_row_json(struct arena *mem, const struct work_list_row *row)
{
	struct buf b;

	buf_init(&b, mem);
	buf_putc(&b, '{');
	member_int(&b, "id", row->id);
	member_text(&b, "kind", row->kind);
	member_uuid(&b, "user_id",
	    (struct opt_uuid){ !is_nobody(row->user_id), row->user_id });
	member_text(&b, "mode", row->mode);
	member_text(&b, "state", row->state);
	member_int(&b, "attempt", row->attempt);
	member_int(&b, "attempts_max", row->attempts_max);
	member_time(&b, "due_at", (struct opt_int64){ true, row->due_at });
	member_time(&b, "run_at", (struct opt_int64){ true, row->run_at });
	member_time(&b, "started_at", row->started_at);
	member_time(&b, "finished_at", row->finished_at);
	member_text(&b, "error", row->error);
	buf_puts(&b, "}\n");
	user_lookup_flush(&b);
}

static size_t
print_page(struct selection *s, int64_t *before, size_t page)
{
	struct work_list_row *rows = NULL;
	size_t n = 0;

	ops_db_must(&s->db, MODE_LIVE,
	    work_list(live(s), *before, s->kind, s->user, s->state,
		(int64_t)page, &rows, &n),
	    "the queue");
	for (size_t i = 0; i < n; i++) {
		if (s->json)
			print_row_json(s->db.mem, &rows[i]);
		else
			print_row(&rows[i]);
	}
	if (n)
		*before = rows[n - 1].id;
	ops_db_reset(&s->db);
	return n;
}

static uint64_t
read_limit(struct args *args)
{
	const char *text = args_value(args, "--limit");
	uint64_t limit = LIST_USUAL;

	if (text && (!str_to_u64(str_of(text), &limit) || !limit))
		die(EX_USAGE, "%s: --limit must be a number from 1",
		    args->command);
	return limit;
}

static int
list(struct args *args)
{
	uint64_t left = read_limit(args);
	int64_t before = INT64_MAX;
	struct selection s;
	size_t page, n;

	open_selection(&s, args);
	if (s.id)
		die(EX_USAGE, "`io7 work show` prints one item");
	if (!s.json)
		printf("%10s  %-24s  %-36s  %-4s  %-7s  %7s  %-20s  %s\n", "ID",
		    "KIND", "USER", "MODE", "STATE", "ATTEMPT", "RUN AT",
		    "ERROR");
	do {
		page = left < BATCH ? (size_t)left : BATCH;
		n = print_page(&s, &before, page);
		left -= n;
	} while (left && n == page);
	ops_db_close(&s.db);
	return EXIT_SUCCESS;
}

static void
item_json(struct buf *b, int64_t id, const struct work_get_row *row)
{
	buf_putc(b, '{');
	member_int(b, "id", id);
	member_text(b, "kind", row->kind);
	member_uuid(b, "user_id",
	    (struct opt_uuid){ !is_nobody(row->user_id), row->user_id });
	member_text(b, "mode", row->mode);
	member(b, "args");
	buf_str(b, row->args);
	member_text(b, "key", row->key);
	member_text(b, "state", row->state);
	member_int(b, "attempt", row->attempt);
	member_int(b, "attempts_max", row->attempts_max);
	member_text(b, "error", row->error);
	member_text(b, "runner", row->claimed_by);
	member_time(b, "created_at",
	    (struct opt_int64){ true, row->created_at });
	member_time(b, "due_at", (struct opt_int64){ true, row->due_at });
	member_time(b, "run_at", (struct opt_int64){ true, row->run_at });
	member_time(b, "started_at", row->started_at);
	member_time(b, "lease_until", row->lease_until);
	member_time(b, "finished_at", row->finished_at);
	buf_puts(b, "}\n");
}

static int
show(struct args *args)
{
	struct work_get_row *row = NULL;
	struct selection s;
	struct buf b;

	open_selection(&s, args);
	if (!s.id)
		die(EX_USAGE, "%s: ID is missing", args->command);
	ops_db_must(&s.db, MODE_LIVE, work_get(live(&s), s.id, &row),
	    "the item");
	if (!row)
		die(EX_DATAERR, "there is no item %lld", (long long)s.id);
	buf_init(&b, s.db.mem);
	item_json(&b, s.id, row);
	user_lookup_flush(&b);
	ops_db_close(&s.db);
	return EXIT_SUCCESS;
}

/* --- retry and drop ------------------------------------------------------- */

static void
need_selection(const struct selection *s)
{
	if (!s->id && !has_filter(s))
		die(EX_USAGE, "give the ID of an item, or filters");
	if (s->id && has_filter(s))
		die(EX_USAGE, "give the ID of an item or filters, not both");
}

static void
retry_one(struct selection *s)
{
	struct work_retry_row *row = NULL;
	enum err e = work_retry(live(s), s->id, s->user, &row);

	if (e == E_CONFLICT)
		die(EX_DATAERR,
		    "item %lld is not retried: its work has been queued again",
		    (long long)s->id);
	ops_db_must(&s->db, MODE_LIVE, e, "the item");
	if (!row)
		die(EX_DATAERR, "item %lld is neither dead nor waiting",
		    (long long)s->id);
	printf("item %lld is ready\n", (long long)s->id);
}

static int
retry(struct args *args)
{
	int64_t n, all = 0;
	struct selection s;

	open_selection(&s, args);
	need_selection(&s);
	if (s.state.p && !str_eq(s.state, STR("dead")))
		die(EX_USAGE, "only dead items are retried by filters");
	if (s.id) {
		retry_one(&s);
	} else {
		do {
			ops_db_must(&s.db, MODE_LIVE,
			    work_retry_dead(live(&s), s.kind, s.user, BATCH,
				&n),
			    "the queue");
			all += n;
		} while (n == BATCH);
		printf("%lld items are ready\n", (long long)all);
	}
	ops_db_close(&s.db);
	return EXIT_SUCCESS;
}

static void
drop_one(struct selection *s)
{
	struct work_drop_row *row = NULL;

	ops_db_must(&s->db, MODE_LIVE, work_drop(live(s), s->id, s->user, &row),
	    "the item");
	if (!row)
		die(EX_DATAERR, "item %lld does not exist, or is running",
		    (long long)s->id);
	printf("item %lld is deleted\n", (long long)s->id);
}

static int
drop(struct args *args)
{
	int64_t n, all = 0;
	struct selection s;

	open_selection(&s, args);
	need_selection(&s);
	if (!s.id && (!s.state.p || str_eq(s.state, STR("running"))))
		die(EX_USAGE,
		    "say which items: --state waiting, ready, done or dead");
	if (s.id) {
		drop_one(&s);
	} else {
		do {
			ops_db_must(&s.db, MODE_LIVE,
			    work_drop_many(live(&s), s.state, s.kind, s.user,
				BATCH, &n),
			    "the queue");
			all += n;
		} while (n == BATCH);
		printf("%lld items are deleted\n", (long long)all);
	}
	ops_db_close(&s.db);
	return EXIT_SUCCESS;
}

const struct command_verb work_verbs[] = {
	{ "kinds", "", "prints the kinds of queued work", kinds },
	{ "list", "[--kind K] [--user USER] [--state S] [--limit N] [--json]",
	    "prints items of the queue, newest first, 50 by default", list },
	{ "show", "ID", "prints an item as JSON", show },
	{ "retry", "ID, or [--kind K] [--user USER] [--state dead]",
	    "makes a dead or waiting item ready at once, or all dead ones",
	    retry },
	{ "drop", "ID, or --state S [--kind K] [--user USER]",
	    "deletes items that are not running", drop },
	{ 0 },
};
