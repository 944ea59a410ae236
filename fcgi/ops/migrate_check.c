/*
 * `io7 migrate check`: compares both databases with the files.
 *
 * In a transaction that is rolled back, it reads the catalog, moves the schemas
 * out of the way, runs the applied files again and reads the catalog once more:
 * both catalogs must be equal. So the files are the only description of the
 * schema, and the check needs neither a scratch database nor more rights than
 * io7_owner has. The transaction also creates a tenant's schema; after the
 * rollback every tenant of the current version is compared with it.
 */
#include "fcgi/ops/drift.h"
#include "fcgi/ops/migrate.h"
#include "lib/base/panic.h"
#include "lib/crypto/crypt.h"
#include "stmts/db.h"
#include "stmts/ops.h"

enum { TENANTS_AT_ONCE = 200 };

struct checker {
	struct migrate *migrate;
	struct drifts drifts;
	struct catalog is, should;
	struct catalog tenant; /* the objects of a new tenant */
	const char *file;      /* the last file that was run */
	bool is_built;         /* all catalogs were read */
};

/* --- Running the files ---------------------------------------------------- */

static enum err
read_catalog(struct db_tx *tx, struct catalog *catalog)
{
	static const struct str schemas[] = { { "io7", 3 }, { "app", 3 } };
	const struct array array = { schemas, ARRAY_LEN(schemas) };

	return catalog_objects(tx, array, &catalog->list, &catalog->n);
}

static void
new_name(char schema[64])
{
	struct uuid random_user;

	if (!crypt_random(&random_user, sizeof(random_user)))
		die(EXIT_FAILURE, "no random bytes");
	tenant_name(random_user, schema);
}

/* Without a row in io7.tenants, which needs a user in the live database. */
static enum err
make_tenant(struct checker *c, struct db_tx *tx)
{
	struct tenant_step_row *row;
	char schema[64];
	struct str name;
	enum err e = OK;

	new_name(schema);
	name = str_of(schema);
	for (int step = 1; step <= provision_version && e == OK; step++)
		e = tenant_step(tx, name, step, &row);
	if (e == OK)
		e = catalog_objects(tx, (struct array){ &name, 1 },
		    &c->tenant.list, &c->tenant.n);
	if (e == OK)
		/* Objects that belong to no schema come last; drop them. */
		while (c->tenant.n && !c->tenant.list[c->tenant.n - 1].tenant.p)
			c->tenant.n--;
	return e;
}

static enum err
run_files(struct checker *c, struct db_tx *tx)
{
	const struct migrations *files = &c->migrate->files;
	const struct applied *applied = &c->migrate->applied[c->drifts.mode];
	enum err e = OK;

	for (size_t i = 0; i < files->n && e == OK; i++) {
		const struct migration *file = &files->list[i];

		if (file->number > applied->reached ||
		    !migration_is_for(file, c->drifts.mode))
			continue;
		c->file = file->name;
		e = db_script(tx, file->up);
	}
	if (e != OK)
		return e;
	c->file = "tenant/provision.sql";
	return db_script(tx, provision_sql);
}

/* Never returns OK, so that the transaction is rolled back. */
static enum err
build(struct db_tx *tx, void *context)
{
	struct checker *c = context;
	enum err e = read_catalog(tx, &c->is);

	if (e == OK)
		e = schemas_set_aside(tx, NULL);
	if (e == OK)
		e = run_files(c, tx);
	if (e == OK)
		e = read_catalog(tx, &c->should);
	if (e == OK)
		e = make_tenant(c, tx);
	if (e != OK)
		return e;
	c->is_built = true;
	return E_CONFLICT;
}

/* --- The tenants ------------------------------------------------------------ */

/* Removes the objects of one schema from the front of the list. */
static struct catalog
take_schema(struct catalog *all, struct str schema)
{
	struct catalog own = { .list = all->list };

	while (own.n < all->n && str_eq(own.list[own.n].tenant, schema))
		own.n++;
	all->list += own.n;
	all->n -= own.n;
	return own;
}

static void
check_tenant(struct checker *c, struct str schema, struct catalog is)
{
	c->drifts.tenant = schema;
	if (is.n)
		drift_compare(&c->drifts, is, c->tenant);
	else
		drift_report(&c->drifts,
		    &(struct drift){ .what = "missing",
			.kind = STR("schema"),
			.name = schema });
	c->drifts.tenant = STR("");
}

/* Checks a page of tenants; *n is the number read, of any version. */
static enum err
check_page(struct checker *c, struct db_tx *tx, char after[64], size_t *n)
{
	struct str current[TENANTS_AT_ONCE];
	struct tenant_list_row *rows;
	struct catalog all;
	size_t count = 0;
	enum err e = tenant_list(tx, str_of(after), TENANTS_AT_ONCE, &rows, n);

	if (e != OK || *n == 0)
		return e;
	for (size_t i = 0; i < *n; i++)
		if (rows[i].version == provision_version)
			current[count++] = rows[i].schema_name;
	e = catalog_objects(tx, (struct array){ current, count }, &all.list,
	    &all.n);
	if (e != OK)
		return e;
	for (size_t i = 0; i < count; i++)
		check_tenant(c, current[i], take_schema(&all, current[i]));
	snprintf(after, 64, "%.*s", STR_ARGS(rows[*n - 1].schema_name));
	return OK;
}

static void
check_tenants(struct checker *c)
{
	enum mode mode = c->drifts.mode;
	struct ops_db_words words;
	struct ops_db pages;
	char after[64] = "";
	size_t n;
	enum err e;

	ops_db_open(&pages, c->migrate->access.opts, "io7_owner",
	    "io7 migrate check");
	do {
		ops_db_reset(&pages);
		e = check_page(c, pages.base[mode], after, &n);
	} while (e == OK && n == TENANTS_AT_ONCE);
	if (e != OK) {
		words = ops_db_words(&pages, mode, e);
		drift_report(&c->drifts,
		    &(struct drift){ "refused", STR("list"), STR("io7.tenants"),
			str_of(words.text), STR("") });
	}
	ops_db_close(&pages);
}

/* --- The record ------------------------------------------------------------ */

static void
report_record(struct checker *c, const char *what, struct str file)
{
	drift_report(&c->drifts,
	    &(struct drift){ .what = what,
		.kind = STR("migration"),
		.name = file });
}

static void
check_record(struct checker *c)
{
	const struct migrate *m = c->migrate;
	const struct applied *applied = &m->applied[c->drifts.mode];
	const struct migration_list_row *row =
	    applied_unknown(applied, &m->files);

	for (size_t i = 0; i < m->files.n; i++) {
		const struct migration *file = &m->files.list[i];
		enum migration_state state =
		    migration_state(file, applied, c->drifts.mode);

		if (state != MIGRATION_APPLIED && state != MIGRATION_NONE)
			report_record(c, migration_state_name(state),
			    str_of(file->name));
	}
	if (row)
		report_record(c, "unknown", row->file);
}

static void
check_database(struct checker *c)
{
	const struct ops_db *a = &c->migrate->access;
	struct ops_db_words words;
	enum err e;

	check_record(c);
	if (c->migrate->applied[c->drifts.mode].reached == 0)
		return;
	c->is_built = false;
	c->file = "q/ops/schemas_set_aside";
	e = db_transact(a->base[c->drifts.mode], 1, build, c);
	if (c->is_built) {
		drift_compare(&c->drifts, c->is, c->should);
		check_tenants(c);
		return;
	}
	/* The database differs so much that the files cannot be run. */
	words = ops_db_words(a, c->drifts.mode, e);
	drift_report(&c->drifts,
	    &(struct drift){ "refused", STR("file"), str_of(c->file),
		str_of(words.text), STR("") });
}

int
migrate_check(struct migrate *m, bool json)
{
	struct checker c = {
		.migrate = m,
		.drifts = { .mem = m->access.mem, .json = json },
	};

	if (json)
		printf("{\"drift\":[");
	for (c.drifts.mode = MODE_LIVE; c.drifts.mode < MODE_COUNT;
	     c.drifts.mode++)
		check_database(&c);
	if (json)
		puts("]}");
	else if (c.drifts.n == 0)
		puts("Both databases agree with the files.");
	return c.drifts.n ? EXIT_FAILURE : EXIT_SUCCESS;
}
