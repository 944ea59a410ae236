/*
 * The registry. Each worker caches entries for a few seconds, so that requests
 * usually cost no round trip to PostgreSQL. An entry that is stale for that
 * long does no harm: a database that was dropped is not found by its provider,
 * which ends the caching.
 */
#include "fcgi/userdb/registry.h"

#include "fcgi/identity/principal.h"
#include "fcgi/userdb/options.h"
#include "fcgi/userdb/provider.h"
#include "lib/crypto/crypt.h"
#include "lib/crypto/seal.h"
#include "lib/os/clock.h"
#include "lib/os/log.h"
#include "stmts/userdb.h"

#include <unistd.h>

enum { CACHED = 64, MUCH = 64 << 10, MUCH_PART = 64, PENDING_S = 5 };
#define CACHED_NS (5 * NS_PER_S)

struct entry {
	struct userdb db;
	int64_t until_ns;    /* 0: empty */
	uint64_t noted_size; /* in the table */
	int64_t noted_ns;
};

static struct entry cache[CACHED];

void
userdb_name(struct uuid user, enum mode mode, char name[USERDB_NAME_MAX + 1])
{
	size_t n =
	    (size_t)snprintf(name, USERDB_NAME_MAX + 1, "%s-", mode_name(mode));

	crypt_hex(user.b, sizeof(user.b), name + n);
	name[n + 2 * sizeof(user.b)] = '\0';
}

const char *
userdb_host(const struct conf *conf, char name[USERDB_HOST_MAX + 1])
{
	/* Requests ask for it: a process asks the system once. */
	static char own[USERDB_HOST_MAX + 1];
	const struct userdb_options *opts = ROOM_OPTIONS(userdb, conf);

	if (!opts->host[0] && !own[0])
		(void)!gethostname(own, USERDB_HOST_MAX);
	snprintf(name, USERDB_HOST_MAX + 1, "%s",
	    opts->host[0] ? opts->host : own);
	return name;
}

/* --- Rows ----------------------------------------------------------------- */

static struct str
mode_text(enum mode mode)
{
	return str_of(mode_name(mode));
}

static struct str
seal_keys(const struct service *service)
{
	return str_of(service->opts->seal_keys);
}

/* Copies a text of the table; false if it does not fit. */
static bool
copy(char *to, size_t size, struct str text)
{
	if (text.n >= size || memchr(text.p, '\0', text.n))
		return false;
	memcpy(to, text.p, text.n);
	to[text.n] = '\0';
	return true;
}

static enum err
open_token(const struct service *service, struct str sealed, struct userdb *db,
    const char **why)
{
	struct buf b;
	enum err e;

	buf_init_fixed(&b, db->token, USERDB_TOKEN_MAX);
	e = sealed.n
	    ? seal_open(seal_keys(service), str_of(db->name), sealed, &b)
	    : OK;
	db->token[b.n] = '\0';
	if (e == E_UNAVAILABLE)
		*why = "IO7_SEAL_KEYS_FILE lacks the key of its token";
	else if (e != OK)
		*why = "its token cannot be decrypted";
	return e;
}

static enum err
read_row(const struct service *service, const struct database_get_row *row,
    struct userdb *db, const char **why)
{
	if (!copy(db->provider, sizeof(db->provider), row->provider) ||
	    !copy(db->host, sizeof(db->host), row->host) ||
	    !copy(db->url, sizeof(db->url), row->url)) {
		*why = "its row in io7.user_databases is too long";
		return E_INTERNAL;
	}
	db->is_ready = row->is_ready;
	db->schema = row->schema_version;
	db->size = (uint64_t)row->bytes;
	db->store_bytes = (uint64_t)row->store_bytes;
	return open_token(service, row->token, db, why);
}

/* Returns e; if it is an error, *why is PostgreSQL's message. */
static enum err
told(const struct db_tx *tx, enum err e, const char **why)
{
	if (e != OK)
		*why = db_trouble(tx);
	return e;
}

enum err
userdb_read(const struct service *service, struct arena *mem, struct uuid user,
    enum mode mode, struct userdb *db, const char **why)
{
	struct db_tx *tx = db_open(service->db, mem, MODE_LIVE);
	struct database_get_row *row = NULL;
	enum err e = database_get(tx, user, mode_text(mode), &row);

	if (e != OK)
		return told(tx, e, why);
	if (!row) {
		*why = "it is not registered";
		return E_NOT_FOUND;
	}
	*db = (struct userdb){ .user = user, .mode = mode };
	userdb_name(user, mode, db->name);
	return read_row(service, row, db, why);
}

enum err
userdb_add(const struct service *service, struct arena *mem, struct uuid user,
    const char **why)
{
	const struct userdb_options *opts = ROOM_OPTIONS(userdb, service->conf);
	const struct provider *provider = provider_find(str_of(opts->provider));
	struct db_tx *tx = db_open(service->db, mem, MODE_LIVE);
	char host[USERDB_HOST_MAX + 1] = "";
	enum err e;

	if (provider->is_local)
		userdb_host(service->conf, host);
	e = databases_add(tx, user, str_of(provider->name), str_of(host), NULL);
	return told(tx, e, why);
}

/* E_MISDIRECTED: its file is on another host. */
static enum err
find_provider(const struct service *service, const struct userdb *db,
    const struct provider **provider, const char **why)
{
	char own[USERDB_HOST_MAX + 1];

	*provider = provider_find(str_of(db->provider));
	if (!*provider) {
		*why = "its provider is unknown";
		return E_INTERNAL;
	}
	if (!(*provider)->is_local ||
	    strcmp(db->host, userdb_host(service->conf, own)) == 0)
		return OK;
	*why = "its file is on another host";
	return E_MISDIRECTED;
}

static enum err
seal_token(const struct service *service, struct arena *mem,
    const struct userdb *db, struct str *sealed, const char **why)
{
	struct str token = str_of(db->token);
	struct buf b;
	enum err e = OK;

	buf_init(&b, mem);
	if (token.n)
		e = seal_secret(seal_keys(service), str_of(db->name), token,
		    &b);
	if (e != OK)
		*why = "IO7_SEAL_KEYS_FILE has no key for its token";
	*sealed = b.n ? buf_view(&b) : STR("");
	return e;
}

static enum err
record_ready(const struct service *service, struct arena *mem,
    const struct userdb *db, const char **why)
{
	struct db_tx *tx = db_open(service->db, mem, MODE_LIVE);
	struct str token;
	enum err e = seal_token(service, mem, db, &token, why);

	if (e != OK)
		return e;
	e = database_ready(tx, db->user, mode_text(db->mode), str_of(db->url),
	    token, db->schema, (int64_t)db->size, NULL);
	return told(tx, e, why);
}

enum err
userdb_note_jobs(const struct service *service, struct arena *mem,
    const struct userdb *db, const char **why)
{
	struct db_tx *tx = db_open(service->db, mem, MODE_LIVE);

	return told(tx,
	    database_jobs_changed(tx, db->user, mode_text(db->mode), NULL),
	    why);
}

bool
userdb_names_jobs(struct str s)
{
	const struct str table = STR("cron_jobs");

	for (; s.n >= table.n; s.p++, s.n--)
		if ((*s.p | 0x20) == 'c' &&
		    str_eq_nocase((struct str){ s.p, table.n }, table))
			return true;
	return false;
}

enum err
userdb_note_token(const struct service *service, struct arena *mem,
    const struct userdb *db, const char **why)
{
	struct db_tx *tx = db_open(service->db, mem, MODE_LIVE);
	struct str token;
	enum err e = seal_token(service, mem, db, &token, why);

	if (e != OK)
		return e;
	e = database_token(tx, db->user, mode_text(db->mode), token, NULL);
	return told(tx, e, why);
}

enum err
userdb_check_host(const struct service *service, const struct userdb *db,
    const char **why)
{
	const struct provider *provider;

	return find_provider(service, db, &provider, why);
}

enum err
userdb_make(const struct service *service, struct arena *mem, struct userdb *db,
    const char **why)
{
	const struct provider *provider;
	enum err e = find_provider(service, db, &provider, why);

	if (e == OK)
		e = provider->make(service, mem, db, why);
	if (e == OK)
		e = record_ready(service, mem, db, why);
	db->is_ready = e == OK;
	return e;
}

enum err
userdb_drop(const struct service *service, struct arena *mem,
    const struct userdb *db, const char **why)
{
	const struct provider *provider;
	struct db_tx *tx = db_open(service->db, mem, MODE_LIVE);
	enum err e = find_provider(service, db, &provider, why);

	if (e == OK)
		e = provider->drop(service, mem, db, why);
	if (e != OK)
		return e;
	e = database_delete(tx, db->user, mode_text(db->mode), NULL);
	return told(tx, e, why);
}

enum err
userdb_note(const struct service *service, struct arena *mem,
    const struct userdb *db, const char **why)
{
	struct db_tx *tx = db_open(service->db, mem, MODE_LIVE);
	enum err e = database_note(tx, db->user, mode_text(db->mode),
	    db->schema, (int64_t)db->size, NULL);

	return told(tx, e, why);
}

/* --- The cache ------------------------------------------------------------ */

static struct entry *
entry_of(struct uuid user, enum mode mode)
{
	/* User ids are random. */
	return &cache[(user.b[0] + (unsigned)mode * CACHED / 2) % CACHED];
}

static bool
holds(const struct entry *entry, struct uuid user, enum mode mode)
{
	return entry->until_ns && entry->db.mode == mode &&
	    uuid_eq(entry->db.user, user);
}

void
userdb_forget(const struct userdb *db)
{
	struct entry *entry = entry_of(db->user, db->mode);

	if (holds(entry, db->user, db->mode))
		entry->until_ns = 0;
}

static void
note(struct req *r, struct entry *entry)
{
	const char *why = "";

	entry->noted_ns = clock_mono_ns();
	if (userdb_note(r->service, r->mem, &entry->db, &why) == OK)
		entry->noted_size = entry->db.size;
	else
		log_event(LOG_WARN, "size_not_noted", "%s: %s", entry->db.name,
		    why);
}

void
userdb_note_size(struct req *r, const struct userdb *db)
{
	struct entry *entry = entry_of(db->user, db->mode);
	uint64_t size = db->size, noted = entry->noted_size;
	uint64_t much = size / MUCH_PART > MUCH ? size / MUCH_PART : MUCH;

	if (!holds(entry, db->user, db->mode) || size == noted)
		return;
	if ((size > noted ? size - noted : noted - size) >= much ||
	    clock_mono_ns() - entry->noted_ns >= CACHED_NS)
		note(r, entry);
}

/* Reads the entry; adds the rows of both modes if they are missing. */
static enum err
load(struct req *r, struct entry *entry, const char **why)
{
	const struct principal *who = r->principal;
	struct uuid user = who->tenant.user;
	enum err e =
	    userdb_read(r->service, r->mem, user, who->mode, &entry->db, why);

	if (e == E_NOT_FOUND) {
		e = userdb_add(r->service, r->mem, user, why);
		if (e == OK)
			e = userdb_read(r->service, r->mem, user, who->mode,
			    &entry->db, why);
	}
	return e;
}

static enum err
fail_host(struct req *r, const struct userdb *db)
{
	struct buf b;

	buf_init(&b, r->mem);
	buf_printf(&b, "This database is on the host %s. Connect to that host.",
	    db->host);
	buf_putc(&b, '\0');
	return b.failed ? fail(r, E_MISDIRECTED, NULL)
			: fail_saying(r, E_MISDIRECTED, b.p);
}

/* The janitor creates it: a request must not wait for a service. */
static enum err
fail_pending(struct req *r)
{
	fail_saying(r, E_UNAVAILABLE,
	    "This database is being created. Try again in a few seconds.");
	r->fault.retry_after_s = PENDING_S;
	return E_UNAVAILABLE;
}

enum err
userdb_find(struct req *r, struct userdb **db)
{
	const struct principal *who = r->principal;
	struct entry *entry = entry_of(who->tenant.user, who->mode);
	const struct provider *provider;
	const char *why = "";
	enum err e = OK;

	bool is_known = holds(entry, who->tenant.user, who->mode);

	if (is_known && entry->until_ns < clock_mono_ns()) {
		if (entry->db.size != entry->noted_size)
			note(r, entry);
		is_known = false;
	}
	if (!is_known) {
		entry->until_ns = 0;
		e = load(r, entry, &why);
	}
	if (e == OK)
		e = find_provider(r->service, &entry->db, &provider, &why);
	if (e == OK && !entry->db.is_ready && !provider->is_local)
		return fail_pending(r);
	if (e == OK && !entry->db.is_ready)
		e = userdb_make(r->service, r->mem, &entry->db, &why);
	if (e == E_MISDIRECTED)
		return fail_host(r, &entry->db);
	if (e != OK)
		return fail(r, e == E_NOT_FOUND ? E_INTERNAL : e, "%s", why);
	if (!is_known) {
		entry->until_ns = clock_mono_ns() + CACHED_NS;
		entry->noted_size = entry->db.size;
	}
	*db = &entry->db;
	return OK;
}

uint64_t
userdb_size_max(const struct userdb *db, int64_t plan_bytes)
{
	uint64_t plan = (uint64_t)plan_bytes + DATABASE_FREE_BYTES;

	return plan > db->store_bytes ? plan - db->store_bytes : 0;
}
