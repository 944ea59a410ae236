/*
 * A command's way to the databases, and what it says when there is none.
 */
#include "fcgi/ops/ops_db.h"

#include "lib/crypto/crypt.h"
#include "lib/os/log.h"
#include "stmts.h"

/* What a page of tenants or a catalog takes; a command has no request's limit. */
enum { MEMORY_MAX = 1 << 30 };

static void
open_bases(struct access *a)
{
	for (enum mode m = MODE_LIVE; m < MODE_COUNT; m++)
		if (base_open(a->bases, a->mem, m, &a->base[m]) != OK)
			die(EXIT_FAILURE, "no memory");
}

void
access_open(struct access *a, const struct options *opts, const char *role,
    const char *name)
{
	*a = (struct access){
		.opts = opts,
		.mem = arena_new(MEMORY_MAX),
		.bases = bases_new(opts, role, name),
	};
	open_bases(a);
}

void
access_close(struct access *a)
{
	bases_free(a->bases);
	arena_free(a->mem);
}

void
access_reset(struct access *a)
{
	arena_reset(a->mem);
	open_bases(a);
}

struct comparison {
	struct access *access;
	const char *why;
};

/* The key is taken in the live database, and looked for in the other one. */
static enum err
compare_bases(struct base_tx *live, void *context)
{
	struct comparison *c = context;
	struct base_mark_row *ours, *theirs;
	int64_t key;
	enum err e;

	if (!crypt_random(&key, sizeof(key)))
		return E_INTERNAL;
	e = base_mark(live, key, &ours);
	if (e == OK)
		e = base_mark(c->access->base[MODE_TEST], key, &theirs);
	if (e != OK)
		return e;
	if (!theirs->was_free)
		c->why = "IO7_TEST_DSN names the live database";
	else if (theirs->keeps_users)
		c->why = "IO7_TEST_DSN names a database that keeps users, as"
			 " only a live one does";
	return OK;
}

enum err
access_apart(struct access *a, const char **why)
{
	struct comparison c = { .access = a };
	enum err e = base_transact(a->base[MODE_LIVE], 1, compare_bases, &c);

	*why = c.why;
	return e;
}

struct access_words
access_words(const struct access *a, enum mode mode, enum err e)
{
	const char *state = base_sqlstate(a->base[mode]);
	const char *trouble = base_trouble(a->base[mode]);
	struct access_words words;

	snprintf(words.text, sizeof(words.text), "%s%s%s", state,
	    state[0] ? ": " : "", trouble[0] ? trouble : err_row(e)->code);
	/* libpq speaks in several lines, which would not fit into lists. */
	for (char *c = words.text; *c; c++)
		if (*c == '\n' || *c == '\t')
			*c = ' ';
	return words;
}

void
access_must(const struct access *a, enum mode mode, enum err e,
    const char *what)
{
	if (e != OK)
		die(EXIT_FAILURE, "%s database: %s: %s", mode_name(mode), what,
		    access_words(a, mode, e).text);
}
