/*
 * Opens a database, brings its schema up to date, and closes it.
 *
 * The version of our schema is in the application id of the file: "io7" and a
 * byte. The user version is left to the client.
 */
#include "lib/lite/hrana_impl.h"

#include <errno.h>
#include <sqlite3.h>
#include <sys/stat.h>

enum { APPLICATION = 0x696f37 };

enum err
hrana_err_of(int rc)
{
	switch (rc & 0xFF) {
	case SQLITE_OK:
		return OK;
	case SQLITE_FULL:
		return E_STORAGE_FULL;
	case SQLITE_BUSY:
	case SQLITE_NOMEM:
		return E_UNAVAILABLE;
	default:
		return E_INTERNAL;
	}
}

static enum err
err_with(struct hrana *h, struct lite *l, int rc, const char **why)
{
	if (rc != SQLITE_OK) {
		snprintf(h->why, sizeof(h->why), "%s",
		    sqlite3_errmsg(lite_db(l)));
		*why = h->why;
	}
	return hrana_err_of(rc);
}

int
hrana_version(struct lite *l, int *version)
{
	int64_t id;
	int rc = lite_ask(l, "PRAGMA application_id", &id);

	*version = id >> 8 == APPLICATION ? (int)(id & 0xFF) : 0;
	return rc;
}

int
hrana_upgrade(struct lite *l, const struct hrana_schema *schema, int from)
{
	char sql[64];
	int rc = lite_run(l, "BEGIN IMMEDIATE");

	for (size_t i = (size_t)from; rc == SQLITE_OK && i < schema->n; i++)
		rc = lite_run(l, schema->steps[i]);
	snprintf(sql, sizeof(sql), "PRAGMA application_id=%d",
	    APPLICATION << 8 | (int)schema->n);
	if (rc == SQLITE_OK)
		rc = lite_run(l, sql);
	return rc == SQLITE_OK ? lite_run(l, "COMMIT") : rc;
}

static enum err
bring_up_to_date(struct hrana *h, struct lite *l, const char **why)
{
	int version, rc = hrana_version(l, &version);

	if (rc == SQLITE_OK && (size_t)version > h->schema.n) {
		*why = "its schema is of a newer version of io7";
		return E_CONFLICT;
	}
	if (rc == SQLITE_OK && (size_t)version == h->schema.n && version)
		return OK;
	if (rc == SQLITE_OK)
		rc = hrana_upgrade(l, &h->schema, version);
	return err_with(h, l, rc, why);
}

/* Symbolic links could lead to another file. */
static enum err
look_at(const char *path, bool make, const char **why)
{
	struct stat st;

	if (lstat(path, &st) != 0) {
		*why = errno == ENOENT ? "there is no file" : strerror(errno);
		return errno != ENOENT ? E_INTERNAL : make ? OK : E_NOT_FOUND;
	}
	*why = "it is not a regular file";
	return S_ISREG(st.st_mode) ? OK : E_INTERNAL;
}

static enum err
open_first(struct hrana *h, bool make, const char **why)
{
	const struct hrana_bounds *b = &h->bounds;
	struct lite *l;
	int rc;
	enum err err = look_at(h->path, make, why);

	if (err != OK)
		return err;
	/* Another process that has to close it may first end a statement. */
	rc = lite_open(h->path, make, b->lock_ns + b->statement_ns, &l, why);
	if (rc != SQLITE_OK)
		return hrana_err_of(rc);
	h->spare[0] = l;
	return bring_up_to_date(h, l, why);
}

enum err
hrana_open(const char *path, bool make, const struct hrana_bounds *bounds,
    const struct hrana_schema *schema, struct hrana **to, const char **why)
{
	static char sentence[sizeof((*to)->why)];
	struct hrana *h;
	enum err err;

	*to = NULL;
	*why = "no memory";
	if (!lite_start(bounds->heap))
		return E_UNAVAILABLE;
	h = calloc(1, sizeof(*h));
	if (!h)
		return E_UNAVAILABLE;
	h->bounds = *bounds;
	h->schema = *schema;
	h->path = strdup(path);
	h->streams = calloc(bounds->streams, sizeof(*h->streams));
	err = h->path && h->streams ? open_first(h, make, why) : E_UNAVAILABLE;
	if (err == OK) {
		*to = h;
		return OK;
	}
	/* The sentence may be part of what is freed. */
	snprintf(sentence, sizeof(sentence), "%s", *why);
	*why = sentence;
	hrana_close(h);
	return err;
}

void
hrana_close(struct hrana *h)
{
	for (unsigned i = 0; h->streams && i < h->bounds.streams; i++)
		if (h->streams[i].lite)
			hrana_stream_close(h, &h->streams[i]);
	for (size_t i = 0; i < HRANA_SPARE; i++)
		lite_close(h->spare[i]);
	free(h->streams);
	free(h->path);
	free(h);
}

/*
 * Connections that only read are kept apart: changing that makes SQLite prepare
 * all statements of a connection anew.
 */
int
hrana_borrow(struct hrana *h, bool read_only, struct lite **to,
    const char **why)
{
	size_t place = HRANA_SPARE;
	int rc;

	for (size_t i = 0; i < HRANA_SPARE; i++)
		if (h->spare[i] && lite_is_read_only(h->spare[i]) == read_only)
			place = i;
	/* If every place is taken, one that is not of that kind must do. */
	if (place == HRANA_SPARE && h->spare[0] && h->spare[1])
		place = 0;
	if (place == HRANA_SPARE)
		return lite_open(h->path, false, h->bounds.lock_ns, to, why);
	*to = h->spare[place];
	h->spare[place] = NULL;
	rc = lite_renew(*to);
	if (rc == SQLITE_OK)
		return SQLITE_OK;
	snprintf(h->why, sizeof(h->why), "%s", sqlite3_errmsg(lite_db(*to)));
	*why = h->why;
	lite_close(*to);
	return rc;
}

void
hrana_return(struct hrana *h, struct lite *l)
{
	for (size_t i = 0; i < HRANA_SPARE; i++)
		if (!h->spare[i] && lite_clean(l)) {
			h->spare[i] = l;
			return;
		}
	lite_close(l);
}

enum err
hrana_facts(struct hrana *h, struct hrana_facts *facts)
{
	struct lite *l;
	const char *why;
	int rc = hrana_borrow(h, false, &l, &why);

	if (rc != SQLITE_OK)
		return hrana_err_of(rc);
	rc = lite_size(l, &facts->size);
	/* Opening and loading have brought it up to date. */
	facts->schema = (int)h->schema.n;
	hrana_return(h, l);
	return hrana_err_of(rc);
}
