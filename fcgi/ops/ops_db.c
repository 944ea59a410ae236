/*
 * Connections of commands, and how their failures are reported.
 */
#include "fcgi/ops/ops_db.h"

#include "fcgi/options.h"
#include "lib/base/panic.h"
#include "lib/crypto/crypt.h"
#include "stmts/ops.h"

/* Enough for a page of tenants or a whole catalog. */
enum { MEMORY_MAX = 1 << 30 };

static void
open_databases(struct ops_db *a)
{
	for (enum mode m = MODE_LIVE; m < MODE_COUNT; m++)
		a->base[m] = db_open(a->db, a->mem, m);
}

void
ops_db_open(struct ops_db *a, const struct options *opts, const char *role,
    const char *name)
{
	*a = (struct ops_db){
		.opts = opts,
		.mem = arena_must_new(MEMORY_MAX),
		.db = db_new(opts, role, name),
	};
	open_databases(a);
}

void
ops_db_close(struct ops_db *a)
{
	db_free(a->db);
	arena_free(a->mem);
}

const struct service *
ops_db_service(struct ops_db *a, const struct conf *conf)
{
	a->service = (struct service){
		.conf = conf,
		.opts = options_of(conf),
		.db = a->db,
		.control = -1,
	};
	return &a->service;
}

void
ops_db_reset(struct ops_db *a)
{
	arena_reset(a->mem);
	open_databases(a);
}

struct comparison {
	struct ops_db *access;
	const char *why;
};

/*
 * Takes a lock with a random key in the live database and looks for it in the
 * test database: both DSNs may lead to the same one by different names.
 */
static enum err
compare_databases(struct db_tx *live, void *context)
{
	struct comparison *c = context;
	struct database_probe_row *ours, *theirs;
	int64_t key;
	enum err e;

	if (!crypt_random(&key, sizeof(key)))
		return E_INTERNAL;
	e = database_probe(live, key, &ours);
	if (e == OK)
		e = database_probe(c->access->base[MODE_TEST], key, &theirs);
	if (e != OK)
		return e;
	if (!theirs->got_lock)
		c->why = "IO7_TEST_DSN names the live database";
	else if (theirs->has_users)
		c->why = "IO7_TEST_DSN names a database that holds users, as"
			 " only a live database does";
	return OK;
}

enum err
ops_db_apart(struct ops_db *a, const char **why)
{
	struct comparison c = { .access = a };
	enum err e = db_transact(a->base[MODE_LIVE], 1, compare_databases, &c);

	*why = c.why;
	return e;
}

struct ops_db_words
ops_db_words(const struct ops_db *a, enum mode mode, enum err e)
{
	const char *state = db_sqlstate(a->base[mode]);
	const char *trouble = db_trouble(a->base[mode]);
	struct ops_db_words words;

	snprintf(words.text, sizeof(words.text), "%s%s%s", state,
	    state[0] ? ": " : "", trouble[0] ? trouble : err_code(e));
	/* Messages of libpq have several lines; a report has one. */
	for (char *c = words.text; *c; c++)
		if (*c == '\n' || *c == '\t')
			*c = ' ';
	return words;
}

void
ops_db_must(const struct ops_db *a, enum mode mode, enum err e,
    const char *what)
{
	if (e != OK)
		die(EXIT_FAILURE, "%s database: %s: %s", mode_name(mode), what,
		    ops_db_words(a, mode, e).text);
}
