/*
 * A command's way to the databases, and what it says when there is none.
 */
#include "fcgi/ops/access.h"

#include "lib/log.h"

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
