/*
 * `io7 migrate check`: does a database hold what the files say? In a
 * transaction that is rolled back, what is there is read and put aside, the
 * files that were applied are run again, and what they made is read: the two
 * lists must be alike. So the files are the only description of the schema,
 * and this needs neither a database of its own nor a right beyond io7_owner's.
 */
#include "fcgi/ops/migrate.h"

#include "lib/log.h"

typedef struct catalog_objects_row object;

struct catalog {
	object *list;
	size_t n;
};

struct checker {
	struct migrate *migrate;
	enum mode mode;
	struct catalog is, should;
	const char *file; /* the last that was run */
	bool is_built;    /* all was read, before the rollback */
	bool json;
	size_t drifts;
};

/* What there is of an object, and what there should be; either may be empty. */
struct drift {
	const char *what;
	struct str kind, name, is, should;
};

static void
print_json(const struct checker *c, const struct drift *d)
{
	struct buf b;

	buf_init(&b, c->migrate->access.mem);
	buf_printf(&b, "%s{\"database\":\"%s\",\"what\":\"%s\",\"kind\":",
	    c->drifts ? ",\n" : "", mode_name(c->mode), d->what);
	buf_json(&b, d->kind);
	buf_puts(&b, ",\"name\":");
	buf_json(&b, d->name);
	if (d->is.n) {
		buf_puts(&b, ",\"is\":");
		buf_json(&b, d->is);
	}
	if (d->should.n) {
		buf_puts(&b, ",\"should_be\":");
		buf_json(&b, d->should);
	}
	buf_putc(&b, '}');
	fwrite(b.p, 1, b.n, stdout);
}

static void
print_text(const struct checker *c, const struct drift *d)
{
	printf("%s  %-8s %.*s %.*s\n", mode_name(c->mode), d->what,
	    STR_ARGS(d->kind), STR_ARGS(d->name));
	if (d->is.n)
		printf("      is         %.*s\n", STR_ARGS(d->is));
	if (d->should.n)
		printf("      should be  %.*s\n", STR_ARGS(d->should));
}

static void
tell(struct checker *c, const struct drift *d)
{
	if (c->json)
		print_json(c, d);
	else
		print_text(c, d);
	c->drifts++;
}

/* In the order of the server's COLLATE "C". */
static int
compare(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n ? memcmp(a.p, b.p, n) : 0;

	return order ? order : (a.n > b.n) - (a.n < b.n);
}

static int
compare_names(const object *a, const object *b)
{
	int order = compare(a->kind, b->kind);

	return order ? order : compare(a->name, b->name);
}

/* A name may have several grants, and one of anything else. */
static bool
is_grant(const object *o)
{
	return str_eq(o->kind, STR("grant")) ||
	    str_eq(o->kind, STR("default grant"));
}

static void
compare_catalogs(struct checker *c)
{
	const object *is = c->is.list, *should = c->should.list;
	const object *is_end = is + c->is.n, *should_end = should + c->should.n;

	while (is < is_end || should < should_end) {
		int order = is == is_end   ? 1
		    : should == should_end ? -1
					   : compare_names(is, should);
		bool is_one = order == 0 && !is_grant(is);

		if (order == 0)
			order = compare(is->definition, should->definition);
		if (order == 0) {
			is++, should++;
		} else if (is_one) {
			tell(c,
			    &(struct drift){ "changed", is->kind, is->name,
				is->definition, should->definition });
			is++, should++;
		} else if (order < 0) {
			tell(c,
			    &(struct drift){ "extra", is->kind, is->name,
				.is = is->definition });
			is++;
		} else {
			tell(c,
			    &(struct drift){ "missing", should->kind,
				should->name, .should = should->definition });
			should++;
		}
	}
}

/* --- What the files make --------------------------------------------------- */

static enum err
read_catalog(struct base_tx *tx, struct catalog *catalog)
{
	static const struct str schemas[] = { { "io7", 3 }, { "app", 3 } };
	const struct stmt_array array = { schemas, ARRAY_LEN(schemas) };

	return catalog_objects(tx, array, &catalog->list, &catalog->n);
}

static enum err
run_files(struct checker *c, struct base_tx *tx)
{
	const struct migrations *files = &c->migrate->files;
	const struct ground *ground = &c->migrate->ground[c->mode];
	enum err e = OK;

	for (size_t i = 0; i < files->n && e == OK; i++) {
		const struct migration *file = &files->list[i];

		if (file->number > ground->reached ||
		    !migration_is_for(file, c->mode))
			continue;
		c->file = file->name;
		e = base_script(tx, file->up);
	}
	if (e != OK)
		return e;
	c->file = "tenant/provision.sql";
	return base_script(tx, provision_sql);
}

/* Never OK, for that would commit. */
static enum err
build(struct base_tx *tx, void *context)
{
	struct checker *c = context;
	enum err e = read_catalog(tx, &c->is);

	if (e == OK)
		e = catalog_aside(tx, NULL);
	if (e == OK)
		e = run_files(c, tx);
	if (e == OK)
		e = read_catalog(tx, &c->should);
	if (e != OK)
		return e;
	c->is_built = true;
	return E_CONFLICT;
}

/* --- The record ------------------------------------------------------------ */

static void
tell_record(struct checker *c, const char *what, struct str file)
{
	tell(c,
	    &(struct drift){ .what = what,
		.kind = STR("migration"),
		.name = file });
}

static void
check_record(struct checker *c)
{
	const struct migrate *m = c->migrate;
	const struct ground *ground = &m->ground[c->mode];
	const struct migration_list_row *row =
	    ground_unknown(ground, &m->files);

	for (size_t i = 0; i < m->files.n; i++) {
		const struct migration *file = &m->files.list[i];
		enum migration_state state =
		    migration_state(file, ground, c->mode);

		if (state != MIGRATION_APPLIED && state != MIGRATION_NONE)
			tell_record(c, migration_state_name(state),
			    str_of(file->name));
	}
	if (row)
		tell_record(c, "unknown", row->file);
}

static void
check_database(struct checker *c)
{
	const struct access *a = &c->migrate->access;
	struct access_words words;
	enum err e;

	check_record(c);
	if (c->migrate->ground[c->mode].reached == 0)
		return;
	c->is_built = false;
	c->file = "q/ops/catalog_aside";
	e = base_transact(a->base[c->mode], 1, build, c);
	if (c->is_built) {
		compare_catalogs(c);
		return;
	}
	/* So far from the files that they cannot be run beside it. */
	words = access_words(a, c->mode, e);
	tell(c,
	    &(struct drift){ "refused", STR("file"), str_of(c->file),
		str_of(words.text), STR("") });
}

int
migrate_check(struct migrate *m, bool json)
{
	struct checker c = { .migrate = m, .json = json };

	if (json)
		printf("{\"drift\":[");
	for (c.mode = MODE_LIVE; c.mode < MODE_COUNT; c.mode++)
		check_database(&c);
	if (json)
		puts("]}");
	else if (c.drifts == 0)
		puts("Both databases are as the files say.");
	return c.drifts ? EXIT_FAILURE : EXIT_SUCCESS;
}
