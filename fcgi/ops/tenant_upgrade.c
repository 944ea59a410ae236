/*
 * `io7 tenant upgrade`: upgrades every tenant of both databases to the version
 * that io7.provision() creates. Several processes divide the tenants by a hash
 * of the schema name, so none waits for another. Each tenant is upgraded in a
 * transaction of its own: an interrupted run keeps what it did, and the next
 * run does the rest.
 */
#include "fcgi/ops/migrate.h"
#include "fcgi/ops/tenant.h"

#include "lib/base/panic.h"
#include "lib/os/proc.h"
#include "stmts/ops.h"

#include <errno.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

/* The result for one tenant, which a process writes to the pipe atomically. */
struct report {
	enum mode mode;
	bool failed;
	char schema[64];
	char words[640];
};

_Static_assert(sizeof(struct report) <= 4096, "not larger than PIPE_BUF");

struct job {
	const struct options *opts;
	unsigned processes;
};

struct progress {
	size_t total, done, failed;
	bool is_terminal;
};

/* --- In each child process ------------------------------------------------ */

static void
upgrade_one(struct ops_db *a, enum mode mode, const char *schema, int fd)
{
	struct report report = { .mode = mode };
	struct tenant_upgrade_row *row;
	enum err e = tenant_upgrade(a->base[mode], str_of(schema), &row);

	/* The database is down: every other tenant would fail as well. */
	if (e == E_UNAVAILABLE)
		ops_db_must(a, mode, e, schema);
	snprintf(report.schema, sizeof(report.schema), "%s", schema);
	if (e != OK) {
		report.failed = true;
		snprintf(report.words, sizeof(report.words), "%s",
		    ops_db_words(a, mode, e).text);
	}
	if (write(fd, &report, sizeof(report)) != sizeof(report))
		_exit(EXIT_FAILURE);
}

static void
upgrade_part(struct ops_db *a, enum mode mode, unsigned parts, unsigned part,
    int fd)
{
	struct tenant_outdated_row *rows;
	char schema[64] = "";
	size_t n;

	do {
		ops_db_reset(a);
		ops_db_must(a, mode,
		    tenant_outdated(a->base[mode], str_of(schema), TENANT_PAGE,
			parts, part, &rows, &n),
		    "its outdated tenants");
		for (size_t i = 0; i < n; i++) {
			snprintf(schema, sizeof(schema), "%.*s",
			    STR_ARGS(rows[i].schema_name));
			upgrade_one(a, mode, schema, fd);
		}
	} while (n == TENANT_PAGE);
}

static void NORETURN
upgrade_parts(const struct job *job, unsigned part, int fd)
{
	struct ops_db a;

	ops_db_open(&a, job->opts, "io7_owner", "io7 tenant upgrade");
	for (enum mode mode = MODE_LIVE; mode < MODE_COUNT; mode++)
		upgrade_part(&a, mode, job->processes, part, fd);
	_exit(EXIT_SUCCESS);
}

static void
start(const struct job *job, const int fds[2])
{
	fflush(NULL);
	for (unsigned part = 0; part < job->processes; part++) {
		pid_t pid = fork();

		if (pid < 0)
			die(EXIT_FAILURE, "fork: %s", strerror(errno));
		if (pid == 0) {
			close(fds[0]);
			upgrade_parts(job, part, fds[1]);
		}
	}
	close(fds[1]);
}

/* --- Progress ------------------------------------------------------------- */

/* A progress bar on a terminal; elsewhere a line for each tenth. */
static void
show(const struct progress *p)
{
	enum { WIDTH = 40 };
	static const char full[] = "########################################";
	size_t filled = p->total ? WIDTH * p->done / p->total : WIDTH;
	size_t tenth = p->total / 10;

	if (p->is_terminal)
		printf("\r[%-*.*s] %zu of %zu", WIDTH, (int)filled, full,
		    p->done, p->total);
	else if (p->done == p->total || (tenth && p->done % tenth == 0))
		printf("%zu of %zu\n", p->done, p->total);
	fflush(stdout);
}

static void
take_report(struct progress *p, const struct report *report)
{
	p->done++;
	if (report->failed) {
		p->failed++;
		if (p->is_terminal)
			printf("\r\033[K");
		fflush(stdout);
		fprintf(stderr, "io7: %s database: %s: %s\n",
		    mode_name(report->mode), report->schema, report->words);
	}
	/* Tenants may have been created since they were counted. */
	if (p->done > p->total)
		p->total = p->done;
	show(p);
}

static void
follow(struct progress *p, int fd)
{
	struct report report;
	ssize_t n;

	for (;;) {
		n = read(fd, &report, sizeof(report));
		if (n == sizeof(report))
			take_report(p, &report);
		else if (n >= 0 || errno != EINTR)
			break;
	}
	if (p->is_terminal)
		putchar('\n');
}

/* The number of processes that failed, and left tenants outdated. */
static size_t
reap(void)
{
	size_t lost = 0;
	char end[64];
	int status;

	while (wait(&status) > 0)
		if (status != 0) {
			lost++;
			proc_describe_end(status, end, sizeof(end));
			fprintf(stderr, "io7: a child process failed: %s\n",
			    end);
		}
	return lost;
}

static size_t
count_outdated(const struct options *opts)
{
	struct tenant_totals_row *row;
	struct ops_db a;
	size_t n = 0;

	ops_db_open(&a, opts, "io7_owner", "io7 tenant upgrade");
	for (enum mode m = MODE_LIVE; m < MODE_COUNT; m++) {
		ops_db_must(&a, m, tenant_totals(a.base[m], &row),
		    "its tenants");
		if (row->newest < provision_version)
			die(EXIT_FAILURE,
			    "%s database: creates tenants of version %d,"
			    " not %d: run `io7 migrate up` first",
			    mode_name(m), row->newest, provision_version);
		n += (size_t)row->outdated;
	}
	ops_db_close(&a);
	return n;
}

/* The number after --jobs, or the number of processors. */
static unsigned
read_jobs(struct args *args)
{
	enum { JOBS_MAX = 64 };
	const char *word = args_value(args, "--jobs");
	uint64_t jobs;

	if (!word)
		return (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
	if (!str_to_u64(str_of(word), &jobs) || jobs < 1 || jobs > JOBS_MAX)
		die(EX_USAGE, "%s: --jobs must be 1 to %d", args->command,
		    JOBS_MAX);
	return (unsigned)jobs;
}

int
tenant_upgrade_all(struct args *args)
{
	struct job job = { args_options(args), read_jobs(args) };
	struct progress p = { .is_terminal = isatty(STDOUT_FILENO) == 1 };
	size_t failed_processes;
	int fds[2];

	args_end(args);
	p.total = count_outdated(job.opts);
	if (p.total == 0) {
		puts("No tenant is outdated.");
		return EXIT_SUCCESS;
	}
	if (pipe(fds) < 0)
		die(EXIT_FAILURE, "pipe: %s", strerror(errno));
	start(&job, fds);
	follow(&p, fds[0]);
	failed_processes = reap();
	printf("%zu upgraded, %zu failed\n", p.done - p.failed, p.failed);
	return p.failed || failed_processes ? EXIT_FAILURE : EXIT_SUCCESS;
}
