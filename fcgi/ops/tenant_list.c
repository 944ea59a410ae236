/*
 * `io7 tenant list`: the tenants of both databases side by side. Each database
 * returns its tenants sorted by name, a page at a time; both lists are merged.
 */
#include "fcgi/ops/tenant.h"

#include "lib/os/clock.h"
#include "stmts/db.h"

struct cursor {
	struct ops_db access; /* one per database: it holds a page */
	enum mode mode;
	struct tenant_list_row *rows;
	size_t n, at;
	char after[64];
	bool is_last;
};

/* The next tenant, which stays in the list; NULL after the last one. */
static const struct tenant_list_row *
peek(struct cursor *c)
{
	if (c->at == c->n && !c->is_last) {
		ops_db_reset(&c->access);
		ops_db_must(&c->access, c->mode,
		    tenant_list(c->access.base[c->mode], str_of(c->after),
			TENANT_PAGE, &c->rows, &c->n),
		    "its tenants");
		c->at = 0;
		c->is_last = c->n < TENANT_PAGE;
		if (c->n)
			snprintf(c->after, sizeof(c->after), "%.*s",
			    STR_ARGS(c->rows[c->n - 1].schema_name));
	}
	return c->at < c->n ? &c->rows[c->at] : NULL;
}

static const char *
version(const struct tenant_list_row *row, char text[16])
{
	if (!row)
		return "-";
	snprintf(text, 16, "%d", row->version);
	return text;
}

static void
print_text(const struct tenant_list_row *const rows[MODE_COUNT])
{
	const struct tenant_list_row *any = rows[0] ? rows[0] : rows[1];
	char made[CLOCK_TEXT], live[16], test[16];

	clock_text(any->created_at, made);
	printf("%-40.*s %4s %4s  %s\n", STR_ARGS(any->schema_name),
	    version(rows[MODE_LIVE], live), version(rows[MODE_TEST], test),
	    made);
}

static void
print_json(const struct tenant_list_row *const rows[MODE_COUNT], bool is_first)
{
	const struct tenant_list_row *any = rows[0] ? rows[0] : rows[1];
	char text[16], made[CLOCK_TEXT];

	clock_text(any->created_at, made);
	printf("%s{\"schema\":\"%.*s\",\"created_at\":\"%s\"",
	    is_first ? "" : ",\n", STR_ARGS(any->schema_name), made);
	for (enum mode m = MODE_LIVE; m < MODE_COUNT; m++)
		printf(",\"%s\":%s", mode_name(m),
		    rows[m] ? version(rows[m], text) : "null");
	putchar('}');
}

/* Removes the tenant with the lowest name from one list, or from both. */
static bool
take(struct cursor cursors[MODE_COUNT],
    const struct tenant_list_row *rows[MODE_COUNT])
{
	const struct tenant_list_row *live = peek(&cursors[MODE_LIVE]);
	const struct tenant_list_row *test = peek(&cursors[MODE_TEST]);
	int order = !live ? 1
	    : !test       ? -1
			  : memcmp(live->schema_name.p, test->schema_name.p,
				live->schema_name.n);

	rows[MODE_LIVE] = order <= 0 ? live : NULL;
	rows[MODE_TEST] = order >= 0 ? test : NULL;
	for (enum mode m = MODE_LIVE; m < MODE_COUNT; m++)
		cursors[m].at += rows[m] != NULL;
	return live || test;
}

static void
open_cursors(struct cursor cursors[MODE_COUNT], const struct options *opts)
{
	for (enum mode m = MODE_LIVE; m < MODE_COUNT; m++) {
		cursors[m].mode = m;
		ops_db_open(&cursors[m].access, opts, "io7_owner",
		    "io7 tenant");
	}
}

/* The first page is read before the head is printed: it may fail. */
static void
print_head(struct cursor cursors[MODE_COUNT], bool json)
{
	for (enum mode m = MODE_LIVE; m < MODE_COUNT; m++)
		(void)peek(&cursors[m]);
	if (json)
		printf("{\"tenants\":[");
	else
		printf("%-40s %4s %4s  %s\n", "SCHEMA", "LIVE", "TEST",
		    "CREATED");
}

int
tenant_list_all(struct args *args)
{
	const struct options *opts = args_options(args);
	bool json = args_flag(args, "--json"), is_first = true;
	struct cursor cursors[MODE_COUNT] = { 0 };
	const struct tenant_list_row *rows[MODE_COUNT];

	args_end(args);
	open_cursors(cursors, opts);
	print_head(cursors, json);
	for (; take(cursors, rows); is_first = false)
		if (json)
			print_json(rows, is_first);
		else
			print_text(rows);
	if (json)
		puts("]}");
	for (enum mode m = MODE_LIVE; m < MODE_COUNT; m++)
		ops_db_close(&cursors[m].access);
	return EXIT_SUCCESS;
}
