/*
 * Applying and undoing migrations. A file for both databases runs in one
 * transaction in each, together with its row in the record, and both commit
 * only after both succeeded: a file that fails changes nothing. If the second
 * COMMIT is interrupted, the next `up` finds the file pending in that database
 * alone.
 */
#include "fcgi/ops/migrate.h"

#include "fcgi/options.h"
#include "lib/os/clock.h"
#include "stmts/ops.h"

/* One file and the databases in which it is run. */
struct step {
	struct migrate *migrate;
	const struct migration *file;
	enum err (*run)(struct step *, struct db_tx *, enum mode);
	enum mode modes[MODE_COUNT];
	size_t n, at;
	bool is_reported;
};

static size_t
line_of(const char *text, size_t position)
{
	size_t line = 1;

	for (; *text && position > 1; text++) {
		line += *text == '\n';
		/* The position counts characters, not bytes. */
		position -= (text[1] & 0xc0) != 0x80;
	}
	return line;
}

/* Prints FILE:LINE: message, as compilers do; returns the error. */
static enum err
report(struct step *s, enum mode mode, const char *end, const char *text,
    enum err e)
{
	const struct ops_db *a = &s->migrate->access;
	size_t position = db_position(a->base[mode]);

	fprintf(stderr, "io7: %s/%s%s:", a->opts->sql_dir, s->file->name, end);
	if (position)
		fprintf(stderr, "%zu:", line_of(text, position));
	fprintf(stderr, " %s database: %s\n", mode_name(mode),
	    ops_db_words(a, mode, e).text);
	s->is_reported = true;
	return e;
}

static enum err
apply(struct step *s, struct db_tx *tx, enum mode mode)
{
	const struct migration *file = s->file;
	enum err e = db_script(tx, file->up);

	if (e != OK)
		return report(s, mode, ".up.sql", file->up, e);
	e = migration_add(tx, file->number, str_of(file->name), file->checksum,
	    NULL);
	if (e == OK && mode == MODE_TEST)
		e = migration_delete_older(tx, file->number, NULL);
	return e;
}

/* The previous migration that is for the test database too. */
static const struct migration *
previous(const struct migrations *files, const struct migration *file)
{
	for (int i = file->number - 2; i >= 0; i--)
		if (!files->list[i].live_only)
			return &files->list[i];
	return NULL;
}

static enum err
undo(struct step *s, struct db_tx *tx, enum mode mode)
{
	const struct migration *file = s->file;
	const struct migration *last =
	    mode == MODE_TEST ? previous(&s->migrate->files, file) : NULL;
	enum err e = migration_delete(tx, file->number, NULL);

	if (e == OK && last)
		e = migration_add(tx, last->number, str_of(last->name),
		    last->checksum, NULL);
	if (e != OK)
		return e;
	e = db_script(tx, file->down);
	return e == OK ? OK : report(s, mode, ".down.sql", file->down, e);
}

static enum err
install_provisioning(struct step *s, struct db_tx *tx, enum mode mode)
{
	enum err e = db_script(tx, s->file->up);

	return e == OK ? OK : report(s, mode, "", s->file->up, e);
}

static enum err
run_in_transaction(struct db_tx *tx, void *context)
{
	struct step *s = context;
	enum err e = s->run(s, tx, s->modes[s->at]);

	if (e != OK || ++s->at == s->n)
		return e;
	return db_transact(s->migrate->access.base[s->modes[s->at]], 1,
	    run_in_transaction, s);
}

/* Runs the step; prints the reason and returns false if it failed. */
static bool
step(struct step *s)
{
	struct ops_db *a = &s->migrate->access;
	int64_t began = clock_mono_ns();
	enum mode mode = s->modes[0];
	enum err e = db_transact(a->base[mode], 1, run_in_transaction, s);

	if (e != OK && !s->is_reported) {
		mode = s->modes[s->at < s->n ? s->at : 0];
		fprintf(stderr, "io7: %s: %s database: %s\n", s->file->name,
		    mode_name(mode), ops_db_words(a, mode, e).text);
	}
	if (e != OK)
		return false;
	printf("%-32s %s%s %7.1f ms\n", s->file->name, mode_name(s->modes[0]),
	    s->n > 1 ? "+test" : "     ",
	    (double)(clock_mono_ns() - began) / (double)NS_PER_MS);
	fflush(stdout);
	return true;
}

/* Prints what must be repaired first; true if there is nothing. */
static bool
is_sound(const struct migrate *m, enum mode mode)
{
	const struct applied *applied = &m->applied[mode];
	const struct migration_list_row *row =
	    applied_unknown(applied, &m->files);
	bool is_sound = true;

	if (row) {
		fprintf(stderr,
		    "io7: %s database: has %.*s, which is not in %s\n",
		    mode_name(mode), STR_ARGS(row->file),
		    m->access.opts->sql_dir);
		is_sound = false;
	}
	for (size_t i = 0; i < m->files.n; i++) {
		const struct migration *file = &m->files.list[i];
		enum migration_state state =
		    migration_state(file, applied, mode);

		if (state < MIGRATION_CHANGED)
			continue;
		fprintf(stderr, "io7: %s database: %s was %s\n",
		    mode_name(mode), file->name, migration_state_name(state));
		is_sound = false;
	}
	return is_sound;
}

static bool
are_sound(const struct migrate *m, const bool modes[MODE_COUNT])
{
	bool are_sound = true;

	for (enum mode mode = MODE_LIVE; mode < MODE_COUNT; mode++)
		if (modes[mode] && !is_sound(m, mode))
			are_sound = false;
	return are_sound;
}

/* Runs a file in each database where it has that state. */
static bool
run_file(struct migrate *m, int number, const bool modes[MODE_COUNT],
    enum migration_state state,
    enum err (*run)(struct step *, struct db_tx *, enum mode))
{
	const struct migration *file = &m->files.list[number - 1];
	struct step s = { .migrate = m, .file = file, .run = run };

	for (enum mode mode = MODE_LIVE; mode < MODE_COUNT; mode++)
		if (modes[mode] &&
		    migration_state(file, &m->applied[mode], mode) == state)
			s.modes[s.n++] = mode;
	return s.n == 0 || step(&s);
}

/*
 * Installs the provisioning functions, even if no migration was pending: they
 * belong to the program and not to a migration.
 */
static bool
provision_all(struct migrate *m, const bool modes[MODE_COUNT])
{
	const struct migration file = {
		.name = "tenant/provision.sql",
		.up = provision_sql,
	};
	struct step s = { .migrate = m,
		.file = &file,
		.run = install_provisioning };

	for (enum mode mode = MODE_LIVE; mode < MODE_COUNT; mode++)
		if (modes[mode])
			s.modes[s.n++] = mode;
	return step(&s);
}

int
migrate_up(struct migrate *m, const bool modes[MODE_COUNT], int to)
{
	if (!are_sound(m, modes))
		return EXIT_FAILURE;
	for (int number = 1; number <= to; number++)
		if (!run_file(m, number, modes, MIGRATION_PENDING, apply))
			return EXIT_FAILURE;
	if (to > 0 && !provision_all(m, modes))
		return EXIT_FAILURE;
	return EXIT_SUCCESS;
}

int
migrate_down(struct migrate *m, int to)
{
	static const bool both[MODE_COUNT] = { true, true };

	if (!are_sound(m, both))
		return EXIT_FAILURE;
	for (int number = (int)m->files.n; number > to; number--)
		if (!run_file(m, number, both, MIGRATION_APPLIED, undo))
			return EXIT_FAILURE;
	return EXIT_SUCCESS;
}
