/*
 * Commands that print a table of the program. Tests compare the output with the
 * documentation.
 */
#include "fcgi/ops/command.h"

#include "fcgi/http/err_row.h"
#include "fcgi/http/input.h"
#include "fcgi/options.h"
#include "fcgi/rooms.h"

int
command_options(struct args *args)
{
	bool example = args_flag(args, "--example");
	bool markdown = args_flag(args, "--markdown");

	args_end(args);
	if (example)
		conf_print_example(options_slices(), stdout);
	else if (markdown)
		conf_print_markdown(options_slices(), stdout);
	else
		conf_print_table(options_slices(), stdout);
	return EXIT_SUCCESS;
}

/* "read,stream"; "-" for a route that needs nothing. */
static struct str
need_names(unsigned need, struct buf *b)
{
	static const struct {
		unsigned need;
		const char *name;
	} rows[] = {
		{ NEED_OPERATOR, "operator" },
		{ NEED_IP_LIMIT, "limit" },
		{ NEED_ACCOUNT, "account" },
		{ NEED_READ, "read" },
		{ NEED_WRITE, "write" },
		{ NEED_ADMIN, "admin" },
		{ NEED_PERSON, "person" },
		{ NEED_STREAM, "stream" },
		{ NEED_DATABASE, "database:read" },
		{ NEED_DATABASE_WRITE, "database" },
	};

	b->n = 0;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (need & rows[i].need)
			buf_printf(b, "%s%s", b->n ? "," : "", rows[i].name);
	if (b->n == 0)
		buf_putc(b, '-');
	return buf_view(b);
}

/* "limit,cursor"; "-" for a list of nothing. */
static struct str
with_commas(const char *list, struct buf *b)
{
	b->n = 0;
	buf_puts(b, list ? list : "-");
	for (size_t i = 0; i < b->n; i++)
		if (b->p[i] == ' ')
			b->p[i] = ',';
	return buf_view(b);
}

/* Prints the query parameters and the media types that each route accepts. */
static void
print_inputs(void)
{
	char query_room[128], types_room[256];
	const struct route *r;
	struct buf query, types;

	buf_init_fixed(&query, query_room, sizeof(query_room));
	buf_init_fixed(&types, types_room, sizeof(types_room));
	printf("%-7s %-32s %-36s %s\n", "METHOD", "PATH", "QUERY", "BODY");
	for (size_t i = 0; (r = route_at(i)); i++)
		printf("%-7s %-32s %-36.*s %.*s\n", method_name(r->method),
		    r->path, STR_ARGS(with_commas(r->query, &query)),
		    STR_ARGS(with_commas(r->body_max ? input_types(r) : NULL,
			&types)));
}

int
command_routes(struct args *args)
{
	bool inputs = args_flag(args, "--inputs");
	const struct route *r;
	char bytes[64];
	struct buf b;

	args_end(args);
	if (inputs) {
		print_inputs();
		return EXIT_SUCCESS;
	}
	buf_init_fixed(&b, bytes, sizeof(bytes));
	printf("%-7s %-32s %-12s %5s  %s\n", "METHOD", "PATH", "NEEDS", "COST",
	    "ABOUT");
	for (size_t i = 0; (r = route_at(i)); i++)
		printf("%-7s %-32s %-12.*s %5u  %s\n", method_name(r->method),
		    r->path, STR_ARGS(need_names(r->need, &b)), r->cost,
		    r->about);
	return EXIT_SUCCESS;
}

int
command_errors(struct args *args)
{
	args_end(args);
	printf("%-24s %6s  %s\n", "CODE", "STATUS", "MESSAGE");
	for (enum err e = OK + 1; e < ERR_COUNT; e++) {
		const struct err_row *row = err_row(e);

		printf("%-24s %6d  %s\n", err_code(e), row->status,
		    row->sentence);
	}
	return EXIT_SUCCESS;
}

int
command_chores(struct args *args)
{
	args_end(args);
	printf("%-20s %8s  %s\n", "CHORE", "EVERY", "ABOUT");
	for (size_t i = 0; i < rooms_count; i++)
		for (size_t n = 0; n < rooms[i]->chores.n; n++) {
			const struct chore *c = &rooms[i]->chores.rows[n];

			printf("%-20s %6llds  %s\n", c->name,
			    (long long)(c->every_ns / NS_PER_S), c->about);
		}
	return EXIT_SUCCESS;
}

int
command_pools(struct args *args)
{
	static const char *const runs[] = {
		[RUN_WORKER] = "worker",
		[RUN_JANITOR] = "janitor",
		[RUN_FLUSHER] = "flusher",
		[RUN_LISTENER] = "listener",
		[RUN_RUNNER] = "runner",
		[RUN_OTHER] = "other",
	};
	_Static_assert(ARRAY_LEN(runs) == RUN_COUNT, "a name for each");
	const struct conf *conf = args_conf(args);

	args_end(args);
	printf("%-10s %9s %-8s %-14s %-10s %s\n", "POOL", "PROCESSES", "RUN",
	    "SOCKET", "ROLE", "ABOUT");
	for (size_t i = 0; i < pools_count; i++) {
		const struct pool *p = pool_at(i);

		printf("%-10s %9zu %-8s %-14s %-10s %s\n", p->name,
		    pool_workers(p, conf), runs[p->run],
		    p->socket ? p->socket : "-", p->role ? p->role : "-",
		    p->about);
	}
	return EXIT_SUCCESS;
}

int
command_pages(struct args *args)
{
	args_end(args);
	for (size_t i = 0; i < rooms_count; i++)
		for (size_t n = 0; n < rooms[i]->pages.n; n++)
			printf("%s\t%s\n", rooms[i]->pages.rows[n].path,
			    rooms[i]->pages.rows[n].label);
	return EXIT_SUCCESS;
}
