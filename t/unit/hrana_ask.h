/*
 * hrana_ask: opens an engine in a folder of its own, and asks it.
 *
 * Owns:   the folder, the engine, and the memory of the last answer.
 */
#ifndef IO7_T_UNIT_HRANA_ASK_H
#define IO7_T_UNIT_HRANA_ASK_H

#include "lib/lite/hrana.h"
#include "t/unit/tap.h"

#include <errno.h>
#include <ftw.h>
#include <unistd.h>

static char ask_folder[] = "/tmp/io7-hrana-XXXXXX";
static struct arena *ask_mem;
static struct hrana *engine;
static struct hrana_total ask_total;

static const struct hrana_bounds ask_bounds = {
	.statement_ns = 100 * NS_PER_S,
	.lock_ns = 100 * NS_PER_S,
	.idle_ns = 1000 * NS_PER_S,
	.heap = 64 << 20,
	.result = 8 << 20,
	.streams = 8,
	.waiters = 4,
};

static const char *const ask_steps[] = {
	"CREATE TABLE io7_note (id INTEGER PRIMARY KEY, text TEXT)",
	"CREATE TABLE io7_more (id INTEGER PRIMARY KEY)",
};
static const struct hrana_schema ask_schema = { ask_steps, 2 };

/* A path in the folder, valid until the fourth next call. */
static inline const char *
path_of(const char *name)
{
	static char paths[4][256];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", ask_folder, name);
	return path;
}

static inline enum err
engine_open(const char *name, const struct hrana_bounds *bounds)
{
	const char *why = "";
	enum err err =
	    hrana_open(path_of(name), true, bounds, &ask_schema, &engine, &why);

	if (err != OK)
		printf("# %s: %s\n", name, why);
	return err;
}

static inline void
engine_close(void)
{
	hrana_close(engine);
	engine = NULL;
}

static inline struct hrana_order
order_of(enum hrana_kind kind, struct str body)
{
	return (struct hrana_order){ .kind = kind,
		.version = 3,
		.may_write = true,
		.size_max = 64 << 20,
		.body = body };
}

/* Runs an order to its end; credits are granted. The answer ends with a NUL. */
static inline const char *
ask_order(const struct hrana_order *order)
{
	struct hrana_run *run;
	struct buf out;
	enum hrana_state state;

	arena_reset(ask_mem);
	buf_init(&out, ask_mem);
	run = hrana_begin(engine, ask_mem, order);
	while ((state = hrana_step(run, &out)) != HRANA_DONE)
		if (state == HRANA_CREDIT)
			hrana_allow(run, true);
	ask_total = *hrana_total(run);
	hrana_end(run);
	buf_putc(&out, '\0');
	return out.p;
}

static inline const char *
ask(const char *body)
{
	struct hrana_order order = order_of(HRANA_PIPELINE, str_of(body));

	return ask_order(&order);
}

/* A statement without arguments, and the end of its stream. */
static inline const char *
ask_sql(const char *sql)
{
	static char body[4096];
	struct buf b;

	buf_init_fixed(&b, body, sizeof(body));
	buf_puts(&b, "{\"requests\":[{\"type\":\"execute\",\"stmt\":{\"sql\":");
	buf_json(&b, str_of(sql));
	buf_printf(&b, "}},{\"type\":\"close\"}]}%c", 0);
	return b.failed ? "(too long)" : ask(body);
}

static inline void
has(const char *answer, const char *part, const char *what)
{
	if (!ok(strstr(answer, part), "%s", what))
		printf("#   got: %.1000s\n#  want: %s\n", answer, part);
}

static inline void
lacks(const char *answer, const char *part, const char *what)
{
	if (!ok(!strstr(answer, part), "%s", what))
		printf("#      got: %.1000s\n#  without: %s\n", answer, part);
}

/* The text of a member, valid until the fourth next call. */
static inline const char *
member_of(const char *answer, const char *name)
{
	static char texts[4][128];
	static unsigned turn;
	char *to = texts[turn++ % 4];
	char quoted[64];
	const char *at;

	snprintf(quoted, sizeof(quoted), "\"%s\":\"", name);
	at = strstr(answer, quoted);
	at = at ? at + strlen(quoted) : "\"";
	snprintf(to, sizeof(texts[0]), "%.*s", (int)strcspn(at, "\""), at);
	return to;
}

static inline int
ask_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void
ask_start(void)
{
	ask_mem = arena_new(256 << 20);
	if (!mkdtemp(ask_folder))
		printf("Bail out! %s\n", strerror(errno));
}

static inline int
ask_done(void)
{
	arena_free(ask_mem);
	nftw(ask_folder, ask_remove, 8, FTW_DEPTH | FTW_PHYS);
	return tap_done();
}

#endif
