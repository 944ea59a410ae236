/*
 * `io7 tenant reset-test`: empties the test database and migrates it again.
 *
 * The schemas io7 and app are dropped first, and io7.provision() with them, so
 * that no request can create a tenant while the tenants' schemas are listed and
 * dropped. Afterwards a tenant's first request in test mode creates its schema.
 * User databases of the test mode are deleted likewise.
 */
#include "fcgi/ops/migrate.h"
#include "fcgi/ops/tenant.h"
#include "fcgi/ops/userdb.h"

#include "lib/base/panic.h"
#include "stmts/ops.h"

#include <sysexits.h>

static size_t
drop_page(struct ops_db *a, char after[64])
{
	struct tenant_schemas_row *rows;
	size_t n;

	ops_db_must(a, MODE_TEST,
	    tenant_schemas(a->base[MODE_TEST], str_of(after), TENANT_PAGE,
		&rows, &n),
	    "its schemas");
	for (size_t i = 0; i < n; i++) {
		struct tenant tenant = { 0 };
		struct tenant_tx *tx;
		enum err e;

		snprintf(after, 64, "%.*s", STR_ARGS(rows[i].schema_name));
		snprintf(tenant.schema, sizeof(tenant.schema), "%s", after);
		if (!tenant_user(tenant.schema, &tenant.user))
			BUG("%s is not the schema of a tenant", tenant.schema);
		e = tenant_open(a->db, a->mem, &tenant, MODE_TEST, &tx);
		if (e == OK)
			e = tenant_schema_drop(tx, NULL);
		ops_db_must(a, MODE_TEST, e, tenant.schema);
	}
	return n;
}

static size_t
drop_tenants(const struct options *opts)
{
	struct ops_db a;
	char after[64] = "";
	size_t dropped = 0, n;

	ops_db_open(&a, opts, "io7_owner", "io7 tenant reset-test");
	do {
		n = drop_page(&a, after);
		dropped += n;
		ops_db_reset(&a);
	} while (n == TENANT_PAGE);
	ops_db_close(&a);
	return dropped;
}

/* A wrong IO7_TEST_DSN must not delete live data. */
static void
refuse_live(struct ops_db *a)
{
	const char *why;

	ops_db_must(a, MODE_TEST, ops_db_apart(a, &why),
	    "comparing it with the live database");
	if (why)
		die(EXIT_FAILURE, "%s: nothing was deleted", why);
}

struct reset {
	const struct conf *conf;
};

static int
reset(struct migrate *m, void *context)
{
	const struct reset *job = context;
	static const bool test_only[MODE_COUNT] = { [MODE_TEST] = true };

	refuse_live(&m->access);
	ops_db_must(&m->access, MODE_TEST,
	    schemas_drop(m->access.base[MODE_TEST], NULL),
	    "dropping its schemas");
	m->applied[MODE_TEST] = (struct applied){ 0 };
	printf("%zu tenants deleted\n", drop_tenants(m->access.opts));
	userdb_drop_test(job->conf);
	return migrate_up(m, test_only, (int)m->files.n);
}

int
tenant_reset_test(struct args *args)
{
	struct reset job = { args_conf(args) };
	struct migrate m;
	int code;

	if (!args_flag(args, "--yes"))
		die(EX_USAGE,
		    "%s: this deletes all test data; confirm it with --yes",
		    args->command);
	args_end(args);
	migrate_open(&m, options_of(job.conf));
	code = migrate_alone(&m, reset, &job);
	migrate_close(&m);
	return code;
}
