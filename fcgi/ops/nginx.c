/*
 * `io7 nginx`: the part of nginx's configuration that follows from the tables
 * of routes, pages and pools. nginx matches the path as the client wrote it, so
 * a parameter is a segment without `/` and `?`, and nothing is decoded.
 */
#include "fcgi/ops/command.h"

#include "fcgi/http/route.h"
#include "fcgi/meter/concurrency.h"
#include "fcgi/options.h"
#include "fcgi/rooms.h"
#include "lib/base/panic.h"
#include "lib/shm/scoreboard.h"

/* --- Paths ---------------------------------------------------------------- */

/* The next segment of a path; false after the last. */
static bool
next_segment(struct str *path, struct str *segment)
{
	return str_split(path, '/', segment);
}

static struct str
segments_of(const struct route *r)
{
	return str_of(r->path + 1);
}

static bool
is_parameter(struct str segment)
{
	return str_starts(segment, STR(":"));
}

/* One bit a segment, set for a literal, the first one highest. */
static unsigned
score(const struct route *r)
{
	struct str path = segments_of(r), segment;
	unsigned bits = 0;

	while (next_segment(&path, &segment))
		bits = bits << 1 | !is_parameter(segment);
	return bits;
}

/* True if a request can match both. */
static bool
overlap(const struct route *a, const struct route *b)
{
	struct str path_a = segments_of(a), path_b = segments_of(b), x, y;
	bool has_a, has_b;

	if (a->method != b->method)
		return false;
	for (;;) {
		has_a = next_segment(&path_a, &x);
		has_b = next_segment(&path_b, &y);
		if (!has_a || !has_b)
			return has_a == has_b;
		if (!is_parameter(x) && !is_parameter(y) && !str_eq(x, y))
			return false;
	}
}

static void
print_literal(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		printf("%s%c", strchr(".+*?()[]{}^$|\\", text.p[i]) ? "\\" : "",
		    text.p[i]);
}

static void
print_pattern(const struct route *r)
{
	struct str path = segments_of(r), segment;

	printf("\t\"~^%s ",
	    r->method == GET ? "(?:GET|HEAD)" : method_name(r->method));
	while (next_segment(&path, &segment)) {
		putchar('/');
		if (is_parameter(segment))
			fputs("[^/?]+", stdout);
		else
			print_literal(segment);
	}
	fputs("(?:\\?|$)\"", stdout);
}

/* --- The map of pools ----------------------------------------------------- */

/*
 * A route without a pool of its own is in the map only where a less exact
 * route of the map would match it too.
 */
static bool
is_shadowed(const struct route *r)
{
	const struct route *other;

	for (size_t i = 0; (other = route_at(i)); i++)
		if (other->pool && overlap(r, other) && score(other) < score(r))
			return true;
	return false;
}

/* nginx takes the first pattern that matches: more exact ones come first. */
static int
by_exactness(const void *a, const void *b)
{
	const struct route *x, *y;

	memcpy(&x, a, sizeof(const struct route *));
	memcpy(&y, b, sizeof(const struct route *));
	if (score(x) != score(y))
		return score(x) > score(y) ? -1 : 1;
	return route_index(x) - route_index(y);
}

static void
print_routes(void)
{
	const struct route *rows[SCOREBOARD_ROUTES], *r;
	size_t n = 0;

	for (size_t i = 0; (r = route_at(i)); i++)
		if (r->pool || is_shadowed(r))
			rows[n++] = r;
	qsort(rows, n, sizeof(const struct route *), by_exactness);
	for (size_t i = 0; i < n; i++) {
		print_pattern(rows[i]);
		printf(" %s;\n",
		    rows[i]->pool ? rows[i]->pool->name : "$io7_pool_of_key");
	}
}

static void
print_pages(void)
{
	for (size_t i = 0; i < rooms_count; i++)
		for (size_t n = 0; n < rooms[i]->pages.n; n++) {
			fputs("\t\"~^[A-Z]+ ", stdout);
			print_literal(str_of(rooms[i]->pages.rows[n].path));
			fputs("(?:[/?]|$)\" page;\n", stdout);
		}
}

/* --- The pools ------------------------------------------------------------ */

/*
 * The number of requests of a pool that may run or wait at the same time. No
 * request waits for a long one to end.
 */
static size_t
limit_of(const struct pool *pool, const struct conf *conf)
{
	return pool_workers(pool, conf) + (pool->patient ? 0 : POOL_QUEUE);
}

static void
print_locations(void)
{
	puts(
	    "# The internal location that serves the request; a page has none.\n"
	    "map $io7_pool $io7_door_of_pool {\n"
	    "\tdefault /_api;\n"
	    "\tpage \"\";");
	for (size_t i = 0; i < pools_count; i++)
		if (pool_at(i)->run == RUN_WORKER && pool_at(i)->patient)
			printf("\t%s /_stream;\n", pool_at(i)->name);
		else if (pool_at(i)->run == RUN_WORKER && pool_at(i)->body_max)
			printf("\t%s /_%s;\n", pool_at(i)->name,
			    pool_at(i)->name);
	puts("}\n");
}

/*
 * The client address whose streams are counted. No request waits for a stream
 * worker, so that requests which are refused at once could still keep others
 * out, if they come fast enough.
 */
static void
print_stream_client(void)
{
	puts("map $io7_pool $io7_stream_client {\n\tdefault \"\";");
	for (size_t i = 0; i < pools_count; i++)
		if (pool_at(i)->socket && pool_at(i)->patient)
			printf("\t%s $io7_client;\n", pool_at(i)->name);
	puts("}\n");
}

/*
 * max_conns counts requests that were passed on. limit_conn would also count
 * those whose body has not arrived, so that a client that never sends it could
 * fill a pool.
 */
static void
print_upstream(const struct pool *pool, const struct conf *conf)
{
	printf("upstream io7_%s {\n\tzone io7_%s 64k;\n"
	       "\tserver unix:%s/%s max_conns=%zu;\n}\n\n",
	    pool->name, pool->name, options_of(conf)->run_dir, pool->socket,
	    limit_of(pool, conf));
}

static int
nginx_http(struct args *args)
{
	const struct conf *conf = args_conf(args);

	args_end(args);
	puts("# Made by `io7 nginx http` from the tables of the program: which"
	     " pool of\n# workers answers a route. The other routes go by the"
	     " credential.\n"
	     "map \"$io7_method $request_uri\" $io7_pool_of_route {\n"
	     "\tdefault $io7_pool_of_key;");
	print_pages();
	print_routes();
	puts("}\n");
	print_locations();
	print_stream_client();
	for (size_t i = 0; i < pools_count; i++)
		if (pool_at(i)->run == RUN_WORKER)
			print_upstream(pool_at(i), conf);
	return EXIT_SUCCESS;
}

/* The location of a pool whose bodies have a limit of their own. */
static void
print_location(const struct pool *pool, const struct conf *conf)
{
	printf("\nlocation = /_%s {\n"
	       "\tinternal;\n"
	       "\tclient_max_body_size\t%llu;\n"
	       "\tclient_body_buffer_size\t128k;\n"
	       "\tfastcgi_pass\t\tio7_$io7_pool;\n"
	       "}\n",
	    pool->name, (unsigned long long)pool_body_max(pool, conf));
}

static int
nginx_server(struct args *args)
{
	const struct conf *conf = args_conf(args);

	args_end(args);
	printf("# Made by `io7 nginx server` from the options: how many"
	       " requests of one client\n# address may run and wait at once,"
	       " and how many of them may be streams.\n"
	       "limit_conn io7_client %llu;\n"
	       "limit_conn io7_stream_client %zu;\n",
	    (unsigned long long)options_of(conf)->client_requests,
	    concurrency_streams(pool_workers(&stream_pool, conf)));
	for (size_t i = 0; i < pools_count; i++)
		if (pool_at(i)->run == RUN_WORKER && pool_at(i)->body_max)
			print_location(pool_at(i), conf);
	return EXIT_SUCCESS;
}

const struct command_verb nginx_verbs[] = {
	{ "http", "", "prints the pools, their limits and their routes",
	    nginx_http },
	{ "server", "", "prints the limits of requests", nginx_server },
	{ 0 },
};
