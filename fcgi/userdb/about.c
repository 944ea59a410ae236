/*
 * Describes a database, and creates keys that open it.
 */
#include "fcgi/userdb/handlers.h"

#include "fcgi/http/body.h"
#include "fcgi/http/resp.h"
#include "fcgi/identity/public_url.h"
#include "fcgi/keys/creation.h"
#include "fcgi/userdb/provider.h"
#include "fcgi/userdb/schema.h"
#include "lib/json/json.h"
#include "lib/json/member.h"
#include "stmts/identity.h"

/* --- GET /api/database ---------------------------------------------------- */

static struct str
member_of(struct arena *mem, struct str object, const char *name)
{
	struct json_item item;
	struct json_walk walk;

	if (!object.n || json_kind(object) != JSON_OBJECT)
		return (struct str){ 0 };
	json_walk(&walk, mem, object);
	while (json_next(&walk, &item))
		if (str_eq(item.name, str_of(name)))
			return item.value;
	return (struct str){ 0 };
}

static struct str
first_of(struct arena *mem, struct str list)
{
	struct json_item item;
	struct json_walk walk;

	if (!list.n || json_kind(list) != JSON_ARRAY)
		return (struct str){ 0 };
	json_walk(&walk, mem, list);
	return json_next(&walk, &item) ? item.value : (struct str){ 0 };
}

/* The first value of the first row that the first statement returned. */
static bool
value_in(struct arena *mem, struct str answer, struct str *value)
{
	struct str result, cell;

	if (!json_check(answer, JSON_DEPTH_MAX, NULL, NULL))
		return false;
	result = first_of(mem, member_of(mem, answer, "results"));
	result = member_of(mem, member_of(mem, result, "response"), "result");
	cell = first_of(mem, first_of(mem, member_of(mem, result, "rows")));
	cell = member_of(mem, cell, "value");
	return cell.n && json_kind(cell) == JSON_TEXT &&
	    json_unquote(mem, cell, value) &&
	    json_check(*value, JSON_DEPTH_MAX, NULL, NULL);
}

static enum err
read_tables(struct req *r, struct userdb *db, struct str *tables)
{
	struct hrana_call call = { .version = 3, .size_max = INT64_MAX };
	struct str answer;
	struct buf b;
	enum err e;

	buf_init(&b, r->mem);
	buf_puts(&b,
	    "{\"baton\":null,\"requests\":[{\"type\":\"execute\","
	    "\"stmt\":{\"sql\":");
	buf_json(&b, str_of(userdb_tables_sql));
	buf_puts(&b, ",\"want_rows\":true}},{\"type\":\"close\"}]}");
	if (b.failed)
		return fail(r, E_TOO_LARGE, "no memory");
	call.body = buf_view(&b);
	e = provider_find(str_of(db->provider))->ask(r, db, &call, &answer);
	if (e != OK)
		return e;
	return value_in(r->mem, answer, tables)
	    ? OK
	    : fail(r, E_INTERNAL, "no list of tables: %.*s",
		  answer.n < 200 ? (int)answer.n : 200, answer.p);
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
	member_int(b, "size_max", (int64_t)userdb_size_max(r, db));
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
