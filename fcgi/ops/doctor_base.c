/*
 * The doctor's checks of one database: the server and the schema. The first
 * check reads the facts that the other checks use.
 */
#include "fcgi/ops/doctor.h"

#include "fcgi/ops/migrate.h"
#include "fcgi/options.h"
#include "fcgi/pools.h"
#include "fcgi/work/options.h"
#include "lib/os/clock.h"
#include "stmts/ops.h"

enum {
	OLDEST_VERSION = 150000,
	/* Connections for operators, backups and migrations. */
	RESERVE = 10,
};

/* Machines with NTP differ by less; JWT validation allows for 30 seconds. */
#define CLOCK_WARN_US (1 * US_PER_S)
#define CLOCK_FAIL_US (30 * US_PER_S)

/* Both DSNs must not lead to the same database. */
static void
judge_apart(struct doctor *d, struct finding *f)
{
	const char *why;

	if (ops_db_apart(&d->owner, &why) != OK)
		find(f, VERDICT_FAIL, "the connection was lost");
	else if (why)
		find(f, VERDICT_FAIL, "%s: name another database", why);
}

void
doctor_server(struct doctor *d, enum mode mode, struct finding *f)
{
	struct server_facts_row *facts;
	enum err e = server_facts(d->owner.base[mode], &facts);

	if (e != OK) {
		find(f, VERDICT_FAIL, "io7_owner cannot connect: %s",
		    ops_db_words(&d->owner, mode, e).text);
		return;
	}
	d->facts[mode] = facts;
	find(f, VERDICT_OK, "PostgreSQL %.*s, database %.*s",
	    STR_ARGS(facts->version), STR_ARGS(facts->database));
	if (facts->version_number < OLDEST_VERSION)
		find(f, VERDICT_FAIL, "too old: install version %d or newer",
		    OLDEST_VERSION / 10000);
	if (!str_eq(facts->encoding, STR("UTF8")))
		find(f, VERDICT_FAIL,
		    "encoding is %.*s: create the database again as UTF8",
		    STR_ARGS(facts->encoding));
	if (facts->in_recovery)
		find(f, VERDICT_FAIL, "a standby: name the primary in IO7_%s",
		    mode == MODE_TEST ? "TEST_DSN" : "LIVE_DSN");
	if (mode == MODE_TEST && d->facts[MODE_LIVE])
		judge_apart(d, f);
}

/* The server's clock was read between two readings of our own. */
void
doctor_clock(struct doctor *d, enum mode mode, struct finding *f)
{
	int64_t before = clock_wall_us(), ahead;
	struct server_facts_row *facts;

	if (server_facts(d->owner.base[mode], &facts) != OK) {
		find(f, VERDICT_FAIL, "the connection was lost");
		return;
	}
	ahead = facts->clock - (before + clock_wall_us()) / 2;
	find(f, VERDICT_OK, "the server's clock differs by %+.3f s from ours",
	    (double)ahead / (double)US_PER_S);
	if (llabs(ahead) >= CLOCK_WARN_US)
		find(f,
		    llabs(ahead) < CLOCK_FAIL_US ? VERDICT_WARN : VERDICT_FAIL,
		    "set up NTP on both machines");
}

/* Items that run apart have a process, which is in no pool. */
static size_t
processes(const struct conf *conf)
{
	return pools_workers(conf) +
	    pool_workers(&runner_pool, conf) *
	    (size_t)ROOM_OPTIONS(work, conf)->processes;
}

/* Each process may hold a connection to each database. */
void
doctor_connections(struct doctor *d, enum mode mode, struct finding *f)
{
	const struct server_facts_row *live = d->facts[MODE_LIVE];
	const struct server_facts_row *test = d->facts[MODE_TEST];
	bool is_shared = live && test && live->started_at == test->started_at;
	size_t need = processes(d->conf) * (is_shared ? 2 : 1) + RESERVE;
	int32_t free = d->facts[mode]->max_connections;

	find(f, VERDICT_OK, "up to %zu are needed, the server allows %d", need,
	    free);
	if (free < 0 || (size_t)free < need)
		find(f, VERDICT_FAIL,
		    "raise max_connections, or lower IO7_LIVE_WORKERS and the"
		    " numbers of other workers and of runner processes");
}

void
doctor_extensions(struct doctor *d, enum mode mode, struct finding *f)
{
	struct extension_list_row *rows;
	bool has_statistics = false;
	size_t n;

	if (extension_list(d->owner.base[mode], &rows, &n) != OK) {
		find(f, VERDICT_FAIL, "the connection was lost");
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct str name = rows[i].name, newest = rows[i].newest;

		find(f, VERDICT_OK, "%.*s %.*s", STR_ARGS(name),
		    STR_ARGS(rows[i].version));
		if (newest.p && !str_eq(newest, rows[i].version))
			find(f, VERDICT_WARN,
			    "version %.*s is available: run ALTER EXTENSION %.*s"
			    " UPDATE",
			    STR_ARGS(newest), STR_ARGS(name));
		if (str_eq(name, STR("pg_stat_statements")))
			has_statistics = true;
	}
	if (!has_statistics)
		find(f, VERDICT_WARN,
		    "pg_stat_statements is missing, so slow statements cannot be"
		    " found: run sql/cluster.sql");
}

void
doctor_migrations(struct doctor *d, enum mode mode, struct finding *f)
{
	struct migrations files;
	struct applied applied;
	size_t n[MIGRATION_SKIPPED + 1] = { 0 };

	if (!migrations_read(d->owner.mem, d->opts->sql_dir, &files)) {
		find(f, VERDICT_FAIL, "the migrations in %s have faults",
		    d->opts->sql_dir);
		return;
	}
	applied_read(&d->owner, mode, &applied);
	for (size_t i = 0; i < files.n; i++)
		n[migration_state(&files.list[i], &applied, mode)]++;
	find(f, VERDICT_OK, "at %03d", applied.reached);
	if (n[MIGRATION_PENDING])
		find(f, VERDICT_FAIL, "%zu are pending: run `io7 migrate up`",
		    n[MIGRATION_PENDING]);
	if (n[MIGRATION_CHANGED] || n[MIGRATION_SKIPPED])
		find(f, VERDICT_FAIL,
		    "other files were applied than these: see `io7 migrate"
		    " status`");
	if (applied_unknown(&applied, &files))
		find(f, VERDICT_FAIL,
		    "the database is newer than %s: install the newer io7",
		    d->opts->sql_dir);
}

void
doctor_tenants(struct doctor *d, enum mode mode, struct finding *f)
{
	struct db_tx *tx = d->owner.base[mode];
	struct tenant_totals_row *totals;
	struct tenant_orphans_row *strays;

	if (tenant_totals(tx, &totals) != OK ||
	    tenant_orphans(tx, &strays) != OK) {
		find(f, VERDICT_FAIL, "%s: run `io7 migrate up`",
		    db_trouble(tx));
		return;
	}
	find(f, VERDICT_OK, "%lld, new ones get version %d",
	    (long long)totals->tenants, totals->newest);
	if (totals->newest < provision_version)
		find(f, VERDICT_FAIL,
		    "this io7 creates version %d: run `io7 migrate up`",
		    provision_version);
	if (totals->newest > provision_version)
		find(f, VERDICT_FAIL,
		    "this io7 creates version %d: install the newer io7",
		    provision_version);
	if (totals->outdated)
		find(f, VERDICT_WARN,
		    "%lld are outdated: run `io7 tenant upgrade`",
		    (long long)totals->outdated);
	if (strays->schemas)
		find(f, VERDICT_WARN,
		    "%lld schemas belong to no tenant: examine and drop them",
		    (long long)strays->schemas);
	if (strays->records)
		find(f, VERDICT_FAIL,
		    "%lld have lost their schema: restore it from a backup",
		    (long long)strays->records);
}
