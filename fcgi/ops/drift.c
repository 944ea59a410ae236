/*
 * Comparing two catalogs. Both are sorted, so one pass finds the objects that
 * only one of them has and those whose definitions differ.
 */
#include "fcgi/ops/drift.h"
#include "stmts/ops.h"

enum { LISTED_PER_TENANT = 20 };

typedef struct catalog_objects_row object;

/* --- Reporting ------------------------------------------------------------ */

static void
put_member(struct buf *b, const char *name, struct str value)
{
	if (!value.n)
		return;
	buf_printf(b, ",\"%s\":", name);
	buf_json(b, value);
}

static void
print_json(const struct drifts *all, const struct drift *d)
{
	struct buf b;

	buf_init(&b, all->mem);
	buf_printf(&b, "%s{\"database\":\"%s\",\"what\":\"%s\"",
	    all->n ? ",\n" : "", mode_name(all->mode), d->what);
	put_member(&b, "tenant", all->tenant);
	put_member(&b, "kind", d->kind);
	put_member(&b, "name", d->name);
	put_member(&b, "is", d->is);
	put_member(&b, "should_be", d->should);
	buf_putc(&b, '}');
	fwrite(b.p, 1, b.n, stdout);
}

static void
print_line(const char *label, struct str value)
{
	if (value.n)
		printf("      %-9s  %.*s\n", label, STR_ARGS(value));
}

static void
print_text(const struct drifts *all, const struct drift *d)
{
	printf("%s  %-8s %.*s %.*s\n", mode_name(all->mode), d->what,
	    STR_ARGS(d->kind), STR_ARGS(d->name));
	print_line("tenant", all->tenant);
	print_line("is", d->is);
	print_line("should be", d->should);
}

void
drift_report(struct drifts *all, const struct drift *d)
{
	if (all->json)
		print_json(all, d);
	else
		print_text(all, d);
	all->n++;
}

/* --- Comparing ------------------------------------------------------------ */

/* The order of COLLATE "C" on the server. */
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

/* Several grants may have one name; other objects have names of their own. */
static bool
is_grant(const object *o)
{
	return str_eq(o->kind, STR("grant")) ||
	    str_eq(o->kind, STR("default grant"));
}

/* < 0: the first object is only in `is`; > 0: only in `should`. */
static int
compare_heads(const struct catalog *is, const struct catalog *should)
{
	if (is->n == 0 || should->n == 0)
		return is->n == 0 ? 1 : -1;
	return compare_names(is->list, should->list);
}

static const object *
take(struct catalog *c)
{
	c->n--;
	return c->list++;
}

/* Removes the next object from one list or both; true if they differ. */
static bool
next_drift(struct catalog *is, struct catalog *should, struct drift *d)
{
	int order = compare_heads(is, should);
	bool differ = order != 0;

	*d = (struct drift){ 0 };
	if (!differ) {
		order = compare(is->list->definition, should->list->definition);
		differ = order != 0;
		if (!is_grant(is->list))
			order = 0;
	}
	if (order >= 0) {
		const object *o = take(should);

		*d = (struct drift){ "missing", o->kind, o->name,
			.should = o->definition };
	}
	if (order <= 0) {
		const object *o = take(is);

		*d = (struct drift){ order ? "extra" : "changed", o->kind,
			o->name, o->definition, d->should };
	}
	return differ;
}

void
drift_compare(struct drifts *all, struct catalog is, struct catalog should)
{
	size_t limit = all->tenant.n ? LISTED_PER_TENANT : SIZE_MAX;
	size_t found = 0;
	struct drift d;
	char words[64];

	while (is.n || should.n)
		if (next_drift(&is, &should, &d) && found++ < limit)
			drift_report(all, &d);
	if (found <= limit)
		return;
	snprintf(words, sizeof(words), "%zu objects differ", found);
	drift_report(all,
	    &(struct drift){ "more", STR("tenant"), all->tenant, str_of(words),
		STR("") });
}
