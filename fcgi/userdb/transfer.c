/*
 * Export and import of a whole database, as an SQLite file.
 */
#include "fcgi/userdb/handlers.h"

#include "fcgi/http/resp.h"
#include "fcgi/identity/principal.h"
#include "fcgi/userdb/provider.h"
#include "lib/json/member.h"

static enum err
fail_without(struct req *r)
{
	return fail_saying(r, E_CONFLICT,
	    "The provider of this database cannot do that. Use its own tools.");
}

enum err
userdb_get_export(struct req *r)
{
	const struct provider *provider;
	struct userdb *db;
	enum err e = userdb_find(r, &db);

	if (e != OK)
		return e;
	provider = provider_find(str_of(db->provider));
	return provider->save ? provider->save(r, db) : fail_without(r);
}

static enum err
load(struct req *r, struct userdb *db)
{
	const struct provider *provider = provider_find(str_of(db->provider));
	uint64_t size_max =
	    userdb_size_max(db, r->principal->plan.storage_bytes);
	const char *why = "";
	enum err e;

	if (!provider->load)
		return fail_without(r);
	if (r->content_length > size_max)
		return fail(r, E_STORAGE_FULL, NULL);
	e = provider->load(r, db, size_max);
	if (e != OK)
		return e;
	e = userdb_note_jobs(r->service, r->mem, db, &why);
	if (e != OK)
		return fail(r, e, "%s", why);
	e = provider->facts(r->service, r->mem, db, &why);
	return e == OK ? OK : fail(r, e, "%s", why);
}

enum err
userdb_post_import(struct req *r)
{
	struct userdb *db;
	struct buf *b;
	bool is_gzip;
	enum err e = req_coding(r, &is_gzip);

	if (e == OK && is_gzip)
		e = fail_saying(r, E_UNSUPPORTED_MEDIA_TYPE,
		    "Send the file without Content-Encoding.");
	if (e == OK)
		e = userdb_find(r, &db);
	if (e == OK)
		e = load(r, db);
	if (e != OK)
		return e;
	userdb_note_size(r, db);
	b = resp_body(r, 200);
	buf_putc(b, '{');
	member_int(b, "size", (int64_t)db->size);
	member_int(b, "schema_version", db->schema);
	buf_puts(b, "}\n");
	return OK;
}
