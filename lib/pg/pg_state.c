/*
 * SQLSTATE to error, in one table. The longest matching prefix wins.
 *
 * An empty SQLSTATE is legal: libpq has none if the connection broke. Class I7
 * is ours: the SQL functions of io7 raise it with an HTTP status.
 */
#include "lib/pg/pg.h"

static const struct {
	const char *prefix;
	enum err err;
} rows[] = {
	{ "08", E_UNAVAILABLE },    /* connection */
	{ "22", E_BAD_REQUEST },    /* data exception */
	{ "23502", E_BAD_REQUEST }, /* not null */
	{ "23503", E_CONFLICT },    /* foreign key */
	{ "23505", E_CONFLICT },    /* unique */
	{ "23514", E_BAD_REQUEST }, /* check */
	{ "25006", E_UNAVAILABLE }, /* read-only: a standby */
	{ "40", E_CONFLICT },       /* serialization, deadlock */
	{ "53", E_UNAVAILABLE },    /* insufficient resources */
	{ "55P03", E_TIMEOUT },     /* lock_timeout */
	{ "57014", E_TIMEOUT },     /* statement_timeout */
	{ "57P", E_UNAVAILABLE },   /* shutting down, starting up */
	{ "I7404", E_NOT_FOUND },   /* I7: raised by io7 */
	{ "I7409", E_CONFLICT },
	{ "I7412", E_PRECONDITION_FAILED },
	{ "I7413", E_TOO_LARGE },
	{ "I7400", E_BAD_REQUEST },
	{ "I7507", E_STORAGE_FULL },
};

enum err
pg_err_of(const char *sqlstate)
{
	size_t longest = 0;
	enum err found = E_INTERNAL;

	if (sqlstate[0] == '\0')
		return E_UNAVAILABLE;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t n = strlen(rows[i].prefix);

		if (n > longest && strncmp(sqlstate, rows[i].prefix, n) == 0) {
			longest = n;
			found = rows[i].err;
		}
	}
	return found;
}
