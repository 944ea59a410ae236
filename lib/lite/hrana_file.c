/*
 * Copies of the database, and its check.
 *
 * A copy is made of one snapshot, in pieces, so that runs go on meanwhile. A
 * file that is loaded is not trusted: it is checked and gets our schema where it
 * is. Then its pages replace ours in one transaction: a stream with an open
 * transaction still sees the old content.
 */
#include "lib/lite/hrana_impl.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

enum {
	PAGE_SIZE = 4096,
	PIECE = 256, /* pages */
	HEADER = 100,
};

struct hrana_save {
	struct hrana *h;
	struct lite *from; /* in a transaction */
	sqlite3 *to;
	sqlite3_backup *backup;
};

static enum err
refuse(const char **why, enum err err, const char *sentence)
{
	*why = sentence;
	return err;
}

/* The sentence is kept in the engine: the connection may be closed. */
static enum err
refuse_by(struct hrana *h, sqlite3 *db, int rc, const char **why)
{
	if (rc == SQLITE_OK || rc == SQLITE_DONE)
		return OK;
	snprintf(h->why, sizeof(h->why), "%s",
	    db ? sqlite3_errmsg(db) : sqlite3_errstr(rc));
	return refuse(why, hrana_err_of(rc), h->why);
}

/* --- Save ----------------------------------------------------------------- */

/* The copy needs no journal: it is complete, or it is thrown away. */
static int
begin_save(struct hrana_save *s, const char *path)
{
	int64_t version;
	int rc = lite_run(s->from, "BEGIN");

	/* The first read takes the snapshot. */
	if (rc == SQLITE_OK)
		rc = lite_ask(s->from, "PRAGMA schema_version", &version);
	if (rc == SQLITE_OK)
		rc = sqlite3_open_v2(path, &s->to,
		    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(s->to,
		    "PRAGMA journal_mode=OFF;PRAGMA synchronous=OFF", NULL,
		    NULL, NULL);
	if (rc != SQLITE_OK)
		return rc;
	s->backup =
	    sqlite3_backup_init(s->to, "main", lite_db(s->from), "main");
	return s->backup ? SQLITE_OK : sqlite3_errcode(s->to);
}

enum err
hrana_save_begin(struct hrana *h, const char *path, struct hrana_save **to,
    const char **why)
{
	struct hrana_save *s = calloc(1, sizeof(*s));
	int rc;
	enum err err;

	*to = NULL;
	if (!s)
		return refuse(why, E_UNAVAILABLE, "no memory");
	s->h = h;
	rc = hrana_borrow(h, false, &s->from, why);
	if (rc != SQLITE_OK) {
		free(s);
		return hrana_err_of(rc);
	}
	err = refuse_by(h, s->to, begin_save(s, path), why);
	if (err == OK)
		*to = s;
	else
		hrana_save_end(s);
	return err;
}

enum err
hrana_save_step(struct hrana_save *s, bool *done, const char **why)
{
	int rc = sqlite3_backup_step(s->backup, PIECE);

	*done = rc == SQLITE_DONE;
	/* A connection has the error of a step only after the last one. */
	if (!*done)
		return refuse_by(s->h, NULL, rc, why);
	rc = sqlite3_backup_finish(s->backup);
	s->backup = NULL;
	/* A file without a log is complete by itself. */
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(s->to, "PRAGMA journal_mode=DELETE", NULL,
		    NULL, NULL);
	return refuse_by(s->h, s->to, rc, why);
}

void
hrana_save_end(struct hrana_save *s)
{
	if (!s)
		return;
	sqlite3_backup_finish(s->backup);
	sqlite3_close(s->to);
	hrana_return(s->h, s->from);
	free(s);
}

enum err
hrana_save(struct hrana *h, const char *path, const char **why)
{
	struct hrana_save *s;
	bool done = false;
	enum err err = hrana_save_begin(h, path, &s, why);

	while (s && err == OK && !done)
		err = hrana_save_step(s, &done, why);
	hrana_save_end(s);
	return err;
}

void
hrana_watch(struct hrana *h, bool (*is_unwanted)(void *), void *to)
{
	h->is_unwanted = is_unwanted;
	h->to = to;
}

static void
watch(const struct hrana *h, struct lite *l)
{
	lite_watch(l,
	    &(struct lite_watch){ .is_unwanted = h->is_unwanted, .to = h->to });
}

static int
is_to_stop(void *of)
{
	const struct hrana *h = of;

	return h->is_unwanted && h->is_unwanted(h->to);
}

/* --- Load ----------------------------------------------------------------- */

static uint32_t
big_endian(const unsigned char *p, int n)
{
	uint32_t value = 0;

	for (int i = 0; i < n; i++)
		value = value << 8 | p[i];
	return value;
}

/* Fields of the header that SQLite would only miss later. */
static enum err
check_header(const unsigned char *h, uint64_t size, uint64_t size_max,
    uint32_t *page, const char **why)
{
	uint32_t encoding = big_endian(h + 56, 4);

	*page = big_endian(h + 16, 2);
	if (*page == 1)
		*page = 65536;
	if (memcmp(h, "SQLite format 3", 16) != 0)
		return refuse(why, E_BAD_REQUEST,
		    "The file is not a SQLite database.");
	if (*page < 512 || (*page & (*page - 1)) || size % *page)
		return refuse(why, E_BAD_REQUEST,
		    "The file is damaged: its size does not match its pages.");
	if (big_endian(h + 28, 4) > size / *page)
		return refuse(why, E_BAD_REQUEST,
		    "The file is incomplete: pages are missing at its end.");
	if (encoding > 1)
		return refuse(why, E_BAD_REQUEST,
		    "The database must use the encoding UTF-8.");
	if (size > size_max)
		return refuse(why, E_STORAGE_FULL,
		    "The database is larger than your plan allows.");
	return OK;
}

static enum err
look_at_file(const char *path, uint64_t size_max, uint32_t *page,
    const char **why)
{
	unsigned char header[HEADER];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
	ssize_t n = fd < 0 ? -1 : pread(fd, header, sizeof(header), 0);

	if (fd >= 0)
		close(fd);
	if (size < 0 || n < 0)
		return refuse(why, E_INTERNAL, "The file cannot be read.");
	if (n < HEADER)
		return refuse(why, E_BAD_REQUEST,
		    "The file is not a SQLite database.");
	return check_header(header, (uint64_t)size, size_max, page, why);
}

/* The first finding; OK if there is none. */
static enum err
check_content(struct hrana *h, struct lite *l, const char *pragma,
    const char **why)
{
	char finding[sizeof(h->why)] = "";
	int rc = lite_say(l, pragma, finding, sizeof(finding));

	if (rc != SQLITE_OK)
		return refuse_by(h, lite_db(l), rc, why);
	if (strcmp(finding, "ok") == 0)
		return OK;
	snprintf(h->why, sizeof(h->why), "The database is damaged: %.200s",
	    finding);
	return refuse(why, E_INTERNAL, h->why);
}

static enum err
give_schema(struct hrana *h, struct lite *l, const char **why)
{
	int version, rc = hrana_version(l, &version);

	if (rc == SQLITE_OK && (size_t)version > h->schema.n)
		return refuse(why, E_CONFLICT,
		    "The database has the schema of a newer version of io7.");
	if (rc == SQLITE_OK)
		rc = hrana_upgrade(l, &h->schema, version);
	return refuse_by(h, lite_db(l), rc, why);
}

/*
 * Writes the content with pages of our size to another file: a database with a
 * write-ahead log cannot change the size of its pages.
 */
static enum err
change_pages(struct hrana *h, const char *path, const char *copy,
    const char **why)
{
	sqlite3 *db = NULL;
	char *sql = sqlite3_mprintf("PRAGMA page_size=%d;VACUUM INTO %Q",
	    PAGE_SIZE, copy);
	int rc = sql ? sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL)
		     : SQLITE_NOMEM;
	enum err err;

	unlink(copy);
	if (rc == SQLITE_OK)
		rc = sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0,
		    NULL);
	if (rc == SQLITE_OK) {
		sqlite3_progress_handler(db, LITE_WATCH_STEPS, is_to_stop, h);
		rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
	}
	err = refuse_by(h, db, rc, why);
	sqlite3_close(db);
	sqlite3_free(sql);
	return err;
}

/* All pages at once, in one transaction. */
static enum err
replace(struct hrana *h, struct lite *from, uint64_t size_max, const char **why)
{
	sqlite3_backup *backup;
	struct lite *to;
	enum err err;
	int rc = hrana_borrow(h, false, &to, why);

	if (rc != SQLITE_OK)
		return hrana_err_of(rc);
	rc = lite_set_size_max(to, size_max);
	if (rc == SQLITE_OK)
		rc = lite_set_read_only(to, false);
	if (rc == SQLITE_OK) {
		backup = sqlite3_backup_init(lite_db(to), "main", lite_db(from),
		    "main");
		if (backup)
			(void)sqlite3_backup_step(backup, -1);
		rc = backup ? sqlite3_backup_finish(backup)
			    : sqlite3_errcode(lite_db(to));
	}
	err = refuse_by(h, lite_db(to), rc, why);
	/* Its cache has the old content. */
	lite_close(to);
	if ((rc & 0xFF) == SQLITE_BUSY)
		return refuse(why, E_CONFLICT,
		    "A stream has a transaction open. Commit it, and retry.");
	return err;
}

static enum err
load_checked(struct hrana *h, const char *path, uint64_t size_max,
    const char **why)
{
	struct lite *from;
	int rc = lite_open(path, false, 0, &from, why);
	enum err err;

	if (rc != SQLITE_OK) {
		err = hrana_err_of(rc);
		return err == E_INTERNAL ? E_BAD_REQUEST : err;
	}
	watch(h, from);
	err = check_content(h, from, "PRAGMA quick_check(1)", why);
	if (err == E_INTERNAL)
		err = E_BAD_REQUEST;
	if (err == OK)
		err = give_schema(h, from, why);
	if (err == OK)
		err = replace(h, from, size_max, why);
	lite_close(from);
	return err;
}

enum err
hrana_load(struct hrana *h, const char *path, uint64_t size_max,
    const char **why)
{
	char copy[4096];
	uint32_t page;
	enum err err = look_at_file(path, size_max, &page, why);
	size_t n = (size_t)snprintf(copy, sizeof(copy), "%s-pages", path);

	/* lite_sync() only knows the log that was written last. */
	if (err == OK)
		err = refuse_by(h, NULL, lite_sync(), why);
	if (err != OK || page == PAGE_SIZE)
		return err == OK ? load_checked(h, path, size_max, why) : err;
	if (n >= sizeof(copy))
		return refuse(why, E_INTERNAL, "The path is too long.");
	err = change_pages(h, path, copy, why);
	if (err == E_INTERNAL)
		err = E_BAD_REQUEST;
	if (err == OK)
		err = load_checked(h, copy, size_max, why);
	unlink(copy);
	return err;
}

enum err
hrana_check(struct hrana *h, const char **why)
{
	struct lite *l;
	int rc = hrana_borrow(h, false, &l, why);
	enum err err;

	if (rc != SQLITE_OK)
		return hrana_err_of(rc);
	watch(h, l);
	err = check_content(h, l, "PRAGMA integrity_check(1)", why);
	hrana_return(h, l);
	return err;
}
