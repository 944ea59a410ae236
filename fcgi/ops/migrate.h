/*
 * migrate: the files below IO7_SQL_DIR, and how far they have brought each
 * database.
 *
 * Owns:   the reading of files and records; applying and undoing.
 * Not:    tenants' schemas: those have versions of their own.
 * Limit:  999 migrations, 1 MiB a file.
 */
#ifndef IO7_FCGI_OPS_MIGRATE_H
#define IO7_FCGI_OPS_MIGRATE_H

#include "fcgi/ops/command.h"
#include "fcgi/ops/ops_db.h"

struct migration_list_row;

/*
 * What makes, upgrades and drops tenants, and the version that it makes;
 * sql/gen writes both from sql/tenant.
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

/* Prints each fault of the folder; false when there was one. */
bool migrations_read(struct arena *, const char *dir, struct migrations *)
    MUST_CHECK;

static inline bool
migration_is_for(const struct migration *m, enum mode mode)
{
	return mode == MODE_LIVE || !m->live_only;
}

/* What a database keeps on record. */
struct applied {
	int reached; /* the newest number, 0: none */
	const struct migration_list_row *rows;
	size_t n;
};

/* Ends the process where the database does not answer. */
void applied_read(const struct ops_db *, enum mode, struct applied *);

enum migration_state {
	MIGRATION_NONE, /* not for this database */
	MIGRATION_PENDING,
	MIGRATION_APPLIED,
	MIGRATION_CHANGED, /* the file is not the one that was applied */
	MIGRATION_SKIPPED, /* not applied, though later ones were */
};

const char *migration_state_name(enum migration_state);
enum migration_state migration_state(const struct migration *,
    const struct applied *, enum mode);
/* On record without a file; NULL where there is none. */
const struct migration_list_row *applied_unknown(const struct applied *,
    const struct migrations *);

/* What a command of migrate works with. */
struct migrate {
	struct ops_db access;
	struct migrations files;
	struct applied applied[MODE_COUNT];
};

/* Reads the files, then what stands in both databases. */
void migrate_open(struct migrate *, const struct options *);
void migrate_close(struct migrate *);

/*
 * Does the work while no other migrator works; what is on record is read
 * again before it. Returns the exit code.
 */
int migrate_alone(struct migrate *, int (*work)(struct migrate *, void *),
    void *context) MUST_CHECK;

/* Brings the chosen databases up to that number; returns the exit code. */
int migrate_up(struct migrate *, const bool modes[MODE_COUNT], int to);
/* Undoes all above that number. */
int migrate_down(struct migrate *, int to);
/* Prints where the databases differ from the files. */
int migrate_check(struct migrate *, bool json);

#endif
