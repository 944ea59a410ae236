/*
 * `io7 cron`: the jobs of users as the index has them, and their runs. It opens
 * no user database.
 */
#include "stmts/cron.h"
#include "fcgi/cron/job.h"
#include "fcgi/cron/run.h"
#include "fcgi/cron/run_now.h"
#include "fcgi/ops/command.h"
#include "fcgi/ops/user.h"
#include "lib/base/panic.h"
#include "lib/json/member.h"
#include "lib/os/clock.h"
#include "stmts/ops.h"

#include <sysexits.h>

enum {
	PAGE = 500,
	RUNS = 20, /* of a job that is shown */
};

/* Which jobs are meant. */
struct choice {
	struct ops_db db;
	bool json;
	const char *user_name, *job_name; /* as given, or NULL */
	struct opt_uuid user;
	struct str mode, job; /* without p: any */
};

typedef struct cron_job_list_row job_row;

static struct str
mode_given(struct args *args)
{
	const char *word = args_value(args, "--mode");

	if (!word)
		return (struct str){ 0 };
	if (strcmp(word, "live") != 0 && strcmp(word, "test") != 0)
		die(EX_USAGE, "%s: --mode is live or test", args->command);
	return str_of(word);
}

/* Reads the options, then up to `most` words; connects, and finds the user. */
static void
open_choice(struct choice *c, struct args *args, int least, int most)
{
	const struct options *opts = args_options(args);

	*c = (struct choice){ .json = args_flag(args, "--json"),
		.mode = mode_given(args) };
	c->user_name = least > 0 ? args_need(args, "USER") : args_word(args);
	if (most > 1)
		c->job_name =
		    least > 1 ? args_need(args, "JOB") : args_word(args);
	if (c->job_name)
		c->job = str_of(c->job_name);
	user_open_db(&c->db, args, opts);
	if (c->user_name)
		c->user = (struct opt_uuid){ true,
			user_lookup_find(&c->db, c->user_name)->user_id };
}

/* --- list ----------------------------------------------------------------- */

static const char *
state_of(const job_row *row)
{
	return row->problem.p ? "invalid" : row->enabled ? "active" : "paused";
}

static void
print_head(void)
{
	printf("%-4s  %-7s  %-20s  %-14s  %-20s  %s\n", "MODE", "STATE", "NEXT",
	    "LAST", "USER", "JOB");
}

/* "2026-01-31T02:30:00Z", or a dash. */
static const char *
second_of(struct opt_int64 at, char to[CLOCK_TEXT])
{
	if (!at.is)
		return "-";
	clock_text(at.v, to);
	memcpy(to + strlen("2026-01-31T02:30:00"), "Z", 2);
	return to;
}

static void
print_row(const job_row *row)
{
	char next[CLOCK_TEXT];
	struct str last = row->last_status.p ? row->last_status : STR("-");

	printf("%-4.*s  %-7s  %-20s  %-14.*s  %-20.*s  %.*s\n",
	    STR_ARGS(row->mode), state_of(row), second_of(row->next_at, next),
	    STR_ARGS(last), STR_ARGS(row->user_name), STR_ARGS(row->name));
}

static void
put_job(struct buf *b, const job_row *row)
{
	member_uuid(b, "user_id", (struct opt_uuid){ true, row->user_id });
	member_text(b, "user", row->user_name);
	member_text(b, "mode", row->mode);
	member_text(b, "id", row->job_id);
	member_text(b, "name", row->name);
	member_text(b, "schedule", row->schedule);
	member_text(b, "timezone", row->timezone);
	member_text(b, "command", row->command);
	member_bool(b, "enabled", row->enabled);
	member_text(b, "overlap", row->overlap);
	member_int(b, "retries", row->retries);
	member_text(b, "catch_up", row->catch_up);
	member_text(b, "problem", row->problem);
	member_time(b, "next_at", row->next_at);
	member_text(b, "last_status", row->last_status);
	member_time(b, "last_at", row->last_at);
}

static void
print_job(struct choice *c, const job_row *row)
{
	struct buf b;

	if (!c->json) {
		print_row(row);
		return;
	}
	buf_init(&b, c->db.mem);
	buf_putc(&b, '{');
	put_job(&b, row);
	buf_puts(&b, "}\n");
	user_lookup_flush(&b);
}

/* The last job of a page. */
struct place {
	struct uuid user;
	/* One that is too long is cut a byte too late. */
	char mode[8], name[4 * JOB_NAME_MAX + 2], id[JOB_ID_MAX + 1];
};

static void
note_place(struct place *p, const job_row *row)
{
	p->user = row->user_id;
	snprintf(p->mode, sizeof(p->mode), "%.*s", STR_ARGS(row->mode));
	snprintf(p->name, sizeof(p->name), "%.*s", STR_ARGS(row->name));
	snprintf(p->id, sizeof(p->id), "%.*s", STR_ARGS(row->job_id));
}

static size_t
read_page(struct choice *c, const struct place *after, job_row **rows)
{
	size_t n = 0;

	ops_db_must(&c->db, MODE_LIVE,
	    cron_job_list(c->db.base[MODE_LIVE], c->user, c->mode, c->job,
		after->user, str_of(after->mode), str_of(after->name),
		str_of(after->id), PAGE, rows, &n),
	    "its jobs");
	return n;
}

/* Returns how many there are. */
static size_t
print_jobs(struct choice *c)
{
	struct place at = { 0 };
	job_row *rows = NULL;
	size_t n, all = 0;

	if (!c->json)
		print_head();
	do {
		n = read_page(c, &at, &rows);
		for (size_t i = 0; i < n; i++)
			print_job(c, &rows[i]);
		if (n)
			note_place(&at, &rows[n - 1]);
		all += n;
		ops_db_reset(&c->db);
	} while (n == PAGE);
	return all;
}

static int
list(struct args *args)
{
	struct choice c;

	open_choice(&c, args, 0, 1);
	print_jobs(&c);
	ops_db_close(&c.db);
	return EXIT_SUCCESS;
}

/* --- show ----------------------------------------------------------------- */

/* Ends the process unless the choice is one job. */
static const job_row *
find_job(struct choice *c)
{
	const struct place first = { 0 };
	job_row *rows = NULL;
	size_t n = read_page(c, &first, &rows);

	if (!n)
		die(EXIT_FAILURE, "%s has no job %s", c->user_name,
		    c->job_name);
	if (n > 1)
		die(EX_USAGE, "%s has %zu jobs %s; use --mode, or the id",
		    c->user_name, n, c->job_name);
	return rows;
}

static size_t
read_runs(struct choice *c, const job_row *job, struct run_list_row **rows)
{
	size_t n = 0;

	ops_db_must(&c->db, MODE_LIVE,
	    run_list(c->db.base[MODE_LIVE], job->user_id, job->mode,
		job->job_id, (struct str){ 0 }, (struct opt_int64){ 0 },
		(struct opt_uuid){ 0 }, RUNS, rows, &n),
	    "its runs");
	return n;
}

static void
print_line(const char *name, struct str text)
{
	printf("%-10s  %.*s\n", name, STR_ARGS(text));
}

static void
print_facts(const job_row *job)
{
	char next[CLOCK_TEXT];

	print_line("job", job->name);
	print_line("id", job->job_id);
	print_line("user", job->user_name);
	print_line("mode", job->mode);
	print_line("state", str_of(state_of(job)));
	if (job->problem.p)
		print_line("problem", job->problem);
	print_line("next", str_of(second_of(job->next_at, next)));
	print_line("schedule", job->schedule);
	print_line("timezone", job->timezone);
	print_line("overlap", job->overlap);
	printf("%-10s  %d\n", "retries", (int)job->retries);
	print_line("catch_up", job->catch_up);
	print_line("command", job->command);
}

static void
print_run(const struct run_list_row *run)
{
	char due[CLOCK_TEXT], id[UUID_TEXT];

	uuid_text(run->run_id, id);
	printf("%-20s  %-14.*s  %-9.*s  %3d/%-3d  %-36s  %.*s\n",
	    second_of((struct opt_int64){ true, run->due_at }, due),
	    STR_ARGS(run->status), STR_ARGS(run->trigger), (int)run->attempt,
	    (int)run->attempts, id, STR_ARGS(run->error));
}

static void
show_text(const job_row *job, const struct run_list_row *runs, size_t n)
{
	print_facts(job);
	printf("\n%-20s  %-14s  %-9s  %-7s  %-36s  %s\n", "DUE", "STATUS",
	    "TRIGGER", "ATTEMPT", "RUN", "ERROR");
	for (size_t i = 0; i < n; i++)
		print_run(&runs[i]);
}

static void
show_json(struct choice *c, const job_row *job, const struct run_list_row *runs,
    size_t n)
{
	struct buf b;

	buf_init(&b, c->db.mem);
	buf_putc(&b, '{');
	put_job(&b, job);
	member(&b, "runs");
	for (size_t i = 0; i < n; i++) {
		buf_putc(&b, i ? ',' : '[');
		run_json(&b, &RUN_OF(&runs[i]));
	}
	buf_puts(&b, n ? "]}\n" : "[]}\n");
	user_lookup_flush(&b);
}

static int
show(struct args *args)
{
	struct choice c;

	open_choice(&c, args, 1, 2);
	if (c.job_name) {
		const job_row *job = find_job(&c);
		struct run_list_row *runs = NULL;
		size_t n = read_runs(&c, job, &runs);

		if (c.json)
			show_json(&c, job, runs, n);
		else
			show_text(job, runs, n);
	} else if (!print_jobs(&c)) {
		die(EXIT_FAILURE, "%s has no jobs", c.user_name);
	}
	ops_db_close(&c.db);
	return EXIT_SUCCESS;
}

/* --- run ------------------------------------------------------------------ */

/* The runners look into the queue at least every second. */
static int
run(struct args *args)
{
	char id[UUID_TEXT];
	struct manual_run m;
	const job_row *job;
	struct choice c;
	enum err e;

	open_choice(&c, args, 2, 2);
	job = find_job(&c);
	m = (struct manual_run){
		.mem = c.db.mem,
		.user = job->user_id,
		.mode = job->mode,
		.job_id = job->job_id,
		.now_us = clock_wall_us(),
	};
	e = run_now(c.db.base[MODE_LIVE], &m);
	if (e == E_CONFLICT && m.refusal)
		die(EXIT_FAILURE, "%s: %s", c.job_name, m.refusal);
	ops_db_must(&c.db, MODE_LIVE, e, "the run");
	uuid_text(m.queued.id, id);
	printf("%s is queued\n", id);
	ops_db_close(&c.db);
	return EXIT_SUCCESS;
}

const struct command_verb cron_verbs[] = {
	{ "list", "[USER] [--mode live|test] [--json]",
	    "lists the cron jobs of all users, or of one", list },
	{ "show", "USER [JOB] [--mode live|test] [--json]",
	    "shows the jobs of a user, or a job and its last runs", show },
	{ "run", "USER JOB [--mode live|test]", "runs a job now", run },
	{ 0 },
};
