/*
 * Describes a database, and creates keys that open it.
 */
#include "fcgi/userdb/handlers.h"

#include "fcgi/http/body.h"
#include "fcgi/http/resp.h"
#include "fcgi/identity/public_url.h"
#include "fcgi/keys/creation.h"
#include "fcgi/userdb/ask.h"
#include "fcgi/userdb/options.h"
#include "fcgi/userdb/provider.h"
#include "fcgi/userdb/schema.h"
#include "lib/json/json.h"
#include "lib/json/member.h"
#include "stmts/identity.h"

/* --- GET /api/database ---------------------------------------------------- */

static enum err
read_tables(struct req *r, struct userdb *db, struct str *tables)
{
	struct userdb_ask a = {
		.service = r->service,
		.mem = r->mem,
		.db = db,
		.no_transaction = true,
		.deadline_ns = r->began_ns +
		    ROOM_OPTIONS(userdb, r->service->conf)->timeout,
	};
	struct userdb_rows rows;
	enum err e;

	userdb_ask_sql(&a, str_of(userdb_tables_sql));
	e = userdb_ask_run(&a);
	if (e == OK)
		e = userdb_rows(&a, 0, &rows);
	if (e != OK)
		return fail_saying(r, e, a.why);
	return userdb_next_row(&rows, tables, 1) && tables->p &&
		json_check(*tables, JSON_DEPTH_MAX, NULL, NULL)
	    ? OK
	    : fail(r, E_INTERNAL, "no list of tables");
}

/* Base URLs of libSQL clients end with a slash. */
static enum err
url_of(struct req *r, const char *name, struct str *url)
{
	struct str origin;
	enum err e = public_url_origin(r, &origin);
	struct buf b;

	if (e != OK)
		return e;
	buf_init(&b, r->mem);
	buf_str(&b, origin);
	buf_printf(&b, "/db/%s/", name);
	*url = buf_view(&b);
	return b.failed ? fail(r, E_TOO_LARGE, "no memory") : OK;
}

static enum err
read_facts(struct req *r, struct userdb *db)
{
	const struct provider *provider = provider_find(str_of(db->provider));
	const char *why = "";
	enum err e = provider->facts(r->service, r->mem, db, &why);

	userdb_note_size(r, db);
	return e == OK ? OK : fail(r, e, "%s", why);
}

enum err
userdb_get_about(struct req *r)
{
	struct str url, tables = { 0 };
	struct userdb *db;
	struct buf *b;
	enum err e = userdb_find(r, &db);

	if (e == OK)
		e = url_of(r, db->name, &url);
	if (e == OK)
		e = read_tables(r, db, &tables);
	if (e == OK)
		e = read_facts(r, db);
	if (e != OK)
		return e;
	b = resp_body(r, 200);
	buf_putc(b, '{');
	member_text(b, "name", str_of(db->name));
	member_text(b, "url", url);
	member_text(b, "mode", str_of(mode_name(db->mode)));
	member_text(b, "provider", str_of(db->provider));
	member_int(b, "size", (int64_t)db->size);
	member_int(b, "size_max",
	    (int64_t)userdb_size_max(db, r->principal->plan.storage_bytes));
	member_int(b, "schema_version", db->schema);
	member(b, "tables");
	buf_str(b, tables);
	buf_puts(b, "}\n");
	return OK;
}

/* --- POST /api/database/token --------------------------------------------- */

struct token_body {
	struct opt_bool read_only;
	struct str label;
	struct opt_int64 expires_at;
};

#define AT(field) .offset = offsetof(struct token_body, field)
static const struct bind_field token_fields[] = {
	{ "read_only", BIND_BOOL, AT(read_only) },
	{ "label", BIND_TEXT, AT(label), .min = 1, .max = LABEL_MAX },
	{ "expires_at", BIND_TIME, AT(expires_at) },
};
#undef AT

/* A libSQL URL means TLS, unless it says otherwise. */
static void
write_connection(struct buf *b, struct str url, const char *key)
{
	struct str rest = url, scheme;
	struct buf text;

	buf_init(&text, b->mem);
	str_split(&rest, ':', &scheme);
	buf_puts(&text, "libsql:");
	buf_str(&text, rest);
	buf_printf(&text, "?authToken=%s%s", key,
	    str_eq(scheme, STR("http")) ? "&tls=0" : "");
	member_text(b, "connection_string", buf_view(&text));
}

static void
write_token(struct buf *b, const struct key_list_row *row,
    const struct key *key, struct str url)
{
	buf_putc(b, '{');
	member_uuid(b, "key_id", (struct opt_uuid){ true, row->key_id });
	member_text(b, "key", str_of(key->text));
	member_text(b, "label", row->label);
	member_text(b, "mode", row->mode);
	member(b, "scopes");
	buf_scopes(b, scopes_of(row->scopes));
	member_time(b, "expires_at", row->expires_at);
	member_text(b, "url", url);
	write_connection(b, url, key->text);
	buf_puts(b, "}\n");
}

enum err
userdb_post_token(struct req *r)
{
	const struct principal *who = r->principal;
	char name[USERDB_NAME_MAX + 1];
	struct token_body in = { .label = STR("Database") };
	struct key_list_row *row;
	struct key_wish wish;
	struct key key;
	struct str url;
	enum err e = r->body.n
	    ? body_bind(r, token_fields, ARRAY_LEN(token_fields), &in)
	    : OK;

	userdb_name(who->tenant.user, who->mode, name);
	if (e == OK)
		e = url_of(r, name, &url);
	if (e != OK)
		return e;
	wish = (struct key_wish){
		.label = in.label,
		.mode = who->mode,
		.scopes = in.read_only.v ? SCOPE_DATABASE_READ : SCOPE_DATABASE,
		.expires_at = in.expires_at,
	};
	e = key_create(r, &wish, &key, &row);
	if (e != OK)
		return e;
	write_token(resp_body(r, 201), row, &key, url);
	r->answer.is_secret = true;
	return OK;
}
