/*
 * migrate: the migrations in IO7_SQL_DIR and the record of those applied.
 *
 * Owns:   reading both, and applying and undoing migrations.
 * Not:    the schemas of tenants: those have versions of their own.
 * Limit:  999 migrations, 1 MiB a file.
 */
#ifndef IO7_FCGI_OPS_MIGRATE_H
#define IO7_FCGI_OPS_MIGRATE_H

#include "fcgi/ops/command.h"
#include "fcgi/ops/ops_db.h"

struct migration_list_row;

/*
 * The functions that create, upgrade and drop a tenant's schema, and the
 * version that they create. sql/gen writes both from sql/tenant.
 */
extern const char provision_sql[];
extern const int provision_version;

struct migration {
	int number;
	const char *name; /* "both/001_ground" */
	bool live_only;
	const char *up, *down;
	struct str checksum; /* of up, SHA-256 */
};

struct migrations {
	const struct migration *list; /* number N is list[N - 1] */
	size_t n;
};

/* Reads the folder. Prints each fault and returns false if there is one. */
bool migrations_read(struct arena *, const char *dir, struct migrations *)
    MUST_CHECK;

static inline bool
migration_is_for(const struct migration *m, enum mode mode)
{
	return mode == MODE_LIVE || !m->live_only;
}

/* The content of io7.migrations in one database. */
struct applied {
	int reached; /* the highest number; 0: none */
	const struct migration_list_row *rows;
	size_t n;
};

/* Ends the process if the database does not answer. */
void applied_read(const struct ops_db *, enum mode, struct applied *);

enum migration_state {
	MIGRATION_NONE, /* not for this database */
	MIGRATION_PENDING,
	MIGRATION_APPLIED,
	MIGRATION_CHANGED, /* applied from a file with other content */
	MIGRATION_SKIPPED, /* not applied, but a later one is */
};

const char *migration_state_name(enum migration_state);
enum migration_state migration_state(const struct migration *,
    const struct applied *, enum mode);
/* An applied migration that has no file; NULL if there is none. */
const struct migration_list_row *applied_unknown(const struct applied *,
    const struct migrations *);

struct migrate {
	struct ops_db access;
	struct migrations files;
	struct applied applied[MODE_COUNT];
};

/* Reads the files, then the record of both databases. */
void migrate_open(struct migrate *, const struct options *);
void migrate_close(struct migrate *);

/*
 * Runs the work under the migrators' lock, after reading both records again.
 * Returns the exit code.
 */
int migrate_alone(struct migrate *, int (*work)(struct migrate *, void *),
    void *context) MUST_CHECK;

/* Applies all migrations up to that number; returns the exit code. */
int migrate_up(struct migrate *, const bool modes[MODE_COUNT], int to);
/* Undoes all migrations above that number. */
int migrate_down(struct migrate *, int to);
/* Prints each difference between the databases and the files. */
int migrate_check(struct migrate *, bool json);

#endif
