/*
 * `io7 statements`: prints the table of statements; with --check it compares
 * the parameters and columns that each declares with the databases.
 */
#include "fcgi/ops/command.h"
#include "fcgi/ops/ops_db.h"

#include "lib/base/panic.h"
#include "lib/crypto/crypt.h"
#include "lib/os/clock.h"
#include "lib/pg/pg.h"
#include "stmts/all.h"
#include "stmts/db.h"

static const char *const db_names[] = {
	[STMT_LIVE] = "live",
	[STMT_BOTH] = "both",
	[STMT_TENANT] = "tenant",
};

static const char *const shape_names[] = {
	[STMT_NONE] = "none",
	[STMT_ONE] = "one",
	[STMT_MAYBE_ONE] = "maybe-one",
	[STMT_MANY] = "many",
};

static void
print_table(void)
{
	printf("%-24s %-10s %-8s %-10s %s\n", "STATEMENT", "ROOM", "DATABASE",
	    "SHAPE", "ABOUT");
	for (size_t i = 0; i < stmts_count; i++)
		printf("%-24s %-10s %-8s %-10s %s\n", stmts[i]->name,
		    stmts[i]->room, db_names[stmts[i]->db],
		    shape_names[stmts[i]->shape], stmts[i]->about);
}

/* Creates a tenant to check the statements of tenants with. */
static struct tenant
make_tenant(const struct ops_db *a)
{
	struct tenant_provision_row *row;
	struct tenant tenant;

	if (!crypt_random(tenant.user.b, sizeof(tenant.user.b)))
		die(EXIT_FAILURE, "no random bytes");
	tenant_name(tenant.user, tenant.schema);
	ops_db_must(a, MODE_TEST,
	    tenant_provision(a->base[MODE_TEST], tenant.user, &row),
	    "creating a tenant");
	return tenant;
}

static void
drop_tenant(const struct ops_db *a, const struct tenant *tenant)
{
	struct tenant_drop_row *row;

	ops_db_must(a, MODE_TEST,
	    tenant_drop(a->base[MODE_TEST], tenant->user, &row),
	    tenant->schema);
}

static bool
runs_in(const struct stmt *stmt, enum mode mode)
{
	return stmt->db == STMT_BOTH ||
	    (stmt->db == STMT_LIVE) == (mode == MODE_LIVE);
}

static size_t
check_database(const struct ops_db *a, enum mode mode,
    const struct tenant *tenant)
{
	struct pg *pg = db_pg(a->db, mode);
	size_t faults = 0;

	for (size_t i = 0; i < stmts_count; i++) {
		const struct stmt *stmt = stmts[i];
		const char *schema =
		    stmt->db == STMT_TENANT ? tenant->schema : NULL;
		const char *problem;

		if (!runs_in(stmt, mode))
			continue;
		problem = pg_check_stmt(pg, a->mem, stmt, schema,
		    clock_mono_ns() + db_timeout_ns(a->db));
		if (!problem)
			continue;
		faults++;
		printf("%s database: sql/q/%s/%s.sql: %s\n", mode_name(mode),
		    stmt->room, stmt->name, problem);
	}
	return faults;
}

static int
check(const struct options *opts)
{
	struct tenant tenant;
	struct ops_db a;
	size_t faults = 0;

	ops_db_open(&a, opts, "io7_owner", "io7 statements");
	tenant = make_tenant(&a);
	for (enum mode m = MODE_LIVE; m < MODE_COUNT; m++)
		faults += check_database(&a, m, &tenant);
	drop_tenant(&a, &tenant);
	ops_db_close(&a);
	if (faults == 0)
		printf("The databases agree with all %zu statements.\n",
		    stmts_count);
	return faults ? EXIT_FAILURE : EXIT_SUCCESS;
}

int
command_statements(struct args *args)
{
	bool checks = args_flag(args, "--check");
	const struct options *opts = checks ? args_options(args) : NULL;

	args_end(args);
	if (checks)
		return check(opts);
	print_table();
	return EXIT_SUCCESS;
}
