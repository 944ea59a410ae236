/*
 * Turso's platform API: databases of an organization, and tokens for them. Each
 * call may be repeated: a database that exists is found, and one that is gone
 * counts as deleted.
 */
#include "fcgi/userdb/turso.h"

#include "fcgi/options.h"
#include "lib/crypto/seal.h"
#include "lib/json/json.h"
#include "lib/json/member.h"
#include "lib/os/clock.h"

enum { ANSWER_MAX = JSON_TREE_TEXT };

static const struct userdb_options *
options(const struct turso *t)
{
	return ROOM_OPTIONS(userdb, t->service->conf);
}

static enum err
fail_call(struct turso *t, enum err e, const char *why)
{
	t->why = why;
	return e;
}

enum err
turso_is_ready(struct turso *t)
{
	const struct userdb_options *o = options(t);

	if (!o->turso_token[0])
		return fail_call(t, E_UNAVAILABLE,
		    "IO7_TURSO_API_TOKEN_FILE is missing");
	if (!o->turso_org[0])
		return fail_call(t, E_UNAVAILABLE, "IO7_TURSO_ORG is missing");
	if (!seal_newest(str_of(t->service->opts->seal_keys)))
		return fail_call(t, E_UNAVAILABLE,
		    "IO7_SEAL_KEYS_FILE has no key to encrypt its token");
	return OK;
}

/* --- Calls ---------------------------------------------------------------- */

static enum err
status_error(struct turso *t, int status)
{
	switch (status) {
	case 200:
		return OK;
	case 401:
		return fail_call(t, E_BAD_GATEWAY,
		    "Turso rejects the token in IO7_TURSO_API_TOKEN_FILE");
	case 402:
	case 403:
		return fail_call(t, E_UNAVAILABLE,
		    "Turso refuses: a quota is used up, or the token lacks a"
		    " permission");
	case 404:
		return fail_call(t, E_NOT_FOUND,
		    "Turso knows no such database, organization or group");
	case 409:
		return fail_call(t, E_CONFLICT, "Turso has it already");
	case 429:
		return fail_call(t, E_UNAVAILABLE,
		    "Turso refuses: too many requests");
	default:
		return status >= 500
		    ? fail_call(t, E_UNAVAILABLE, "Turso failed (5xx)")
		    : fail_call(t, E_BAD_GATEWAY, "Turso refused the request");
	}
}

/* Takes part of the deadline, so that the next call has some, too. */
static int64_t
deadline(const struct turso *t)
{
	int64_t own = clock_mono_ns() + options(t)->turso_timeout;

	return own < t->deadline_ns ? own : t->deadline_ns;
}

/* The path is below that of the organization. */
static enum err
call(struct turso *t, const char *method, const char *path, struct str body,
    struct fetch_answer *got)
{
	const struct userdb_options *o = options(t);
	struct fetch f = { .method = method, .body = body, .max = ANSWER_MAX };
	struct buf url, bearer;
	enum err e;

	buf_init(&url, t->mem);
	buf_printf(&url, "%s/v1/organizations/%s%s", o->turso_url, o->turso_org,
	    path);
	buf_putc(&url, '\0');
	buf_init(&bearer, t->mem);
	buf_printf(&bearer, "Authorization: Bearer %s", o->turso_token);
	buf_putc(&bearer, '\0');
	if (url.failed || bearer.failed)
		return fail_call(t, E_TOO_LARGE, "no memory");
	if (strpbrk(bearer.p, "\r\n"))
		return fail_call(t, E_UNAVAILABLE,
		    "IO7_TURSO_API_TOKEN_FILE has more than one line");
	f.url = url.p;
	f.headers[0] = bearer.p;
	f.headers[1] = "Content-Type: application/json";
	f.deadline_ns = deadline(t);
	e = fetch(t->mem, &f, got);
	if (e != OK)
		return fail_call(t, e == E_BAD_GATEWAY ? E_UNAVAILABLE : e,
		    got->trouble);
	return status_error(t, got->status);
}

static enum err
parse(struct turso *t, struct str body, const struct json **json)
{
	struct json_fault fault;

	*json = NULL;
	if (json_parse(t->mem, body, json, &fault) == OK)
		return OK;
	return fail_call(t, E_BAD_GATEWAY, "Turso's answer is not JSON");
}

enum err
turso_check(struct turso *t)
{
	struct fetch_answer got;
	struct buf path;

	buf_init(&path, t->mem);
	buf_printf(&path, "/groups/%s", options(t)->turso_group);
	buf_putc(&path, '\0');
	return path.failed ? fail_call(t, E_TOO_LARGE, "no memory")
			   : call(t, "GET", path.p, (struct str){ 0 }, &got);
}

/* --- Databases ------------------------------------------------------------ */

static bool
is_host(struct str host)
{
	for (size_t i = 0; i < host.n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789.-:",
			host.p[i]) ||
		    !host.p[i])
			return false;
	return host.n > 0;
}

/* A service on this machine, without TLS, has databases without TLS. */
static enum err
set_url(struct turso *t, struct userdb *db, struct str body)
{
	bool is_plain = str_starts(str_of(options(t)->turso_url), STR("http:"));
	const struct json *json;
	struct str host;
	int n;
	enum err e = parse(t, body, &json);

	if (e != OK)
		return e;
	host = json_text(json_get(json_get(json, "database"), "Hostname"));
	if (!is_host(host))
		return fail_call(t, E_BAD_GATEWAY,
		    "Turso's answer has no valid Hostname");
	n = snprintf(db->url, sizeof(db->url), "%s://%.*s",
	    is_plain ? "http" : "https", STR_ARGS(host));
	if (n >= (int)sizeof(db->url))
		return fail_call(t, E_BAD_GATEWAY,
		    "Turso's answer has a Hostname that is too long");
	return OK;
}

static const char *
path_of(struct turso *t, const char *name, const char *rest)
{
	return text_printf(t->mem, NULL, "/databases/%s%s", name, rest);
}

static enum err
find(struct turso *t, struct userdb *db)
{
	const char *path = path_of(t, db->name, "");
	struct fetch_answer got;
	enum err e = path ? call(t, "GET", path, (struct str){ 0 }, &got)
			  : fail_call(t, E_TOO_LARGE, "no memory");

	return e == OK ? set_url(t, db, got.body) : e;
}

/* Some versions of the API say 400 of a name that is in use. */
static bool
exists(const struct fetch_answer *got, enum err e)
{
	static const char said[] = "already exists";

	return e == E_CONFLICT ||
	    (e == E_BAD_GATEWAY && got->status == 400 && got->body.n &&
		memmem(got->body.p, got->body.n, said, sizeof(said) - 1));
}

enum err
turso_create(struct turso *t, struct userdb *db)
{
	struct fetch_answer got = { 0 };
	struct buf b;
	enum err e;

	buf_init(&b, t->mem);
	buf_putc(&b, '{');
	member_text(&b, "name", str_of(db->name));
	member_text(&b, "group", str_of(options(t)->turso_group));
	buf_putc(&b, '}');
	if (b.failed)
		return fail_call(t, E_TOO_LARGE, "no memory");
	e = call(t, "POST", "/databases", buf_view(&b), &got);
	if (exists(&got, e))
		return find(t, db);
	return e == OK ? set_url(t, db, got.body) : e;
}

enum err
turso_delete(struct turso *t, const struct userdb *db)
{
	const char *path = path_of(t, db->name, "");
	struct fetch_answer got;
	enum err e = path ? call(t, "DELETE", path, (struct str){ 0 }, &got)
			  : fail_call(t, E_TOO_LARGE, "no memory");

	return e == E_NOT_FOUND ? OK : e;
}

/* --- Tokens --------------------------------------------------------------- */

/* A JWT, which goes into a header line. */
static bool
is_token(struct str token)
{
	for (size_t i = 0; i < token.n; i++)
		if (token.p[i] <= ' ' || token.p[i] > '~')
			return false;
	return token.n > 0;
}

static enum err
mint_one(struct turso *t, const struct userdb *db, const char *query,
    struct str *token)
{
	const char *path = path_of(t, db->name, query);
	const struct json *json;
	struct fetch_answer got;
	enum err e = path ? call(t, "POST", path, STR(""), &got)
			  : fail_call(t, E_TOO_LARGE, "no memory");

	if (e == OK)
		e = parse(t, got.body, &json);
	if (e != OK)
		return e;
	*token = json_text(json_get(json, "jwt"));
	return is_token(*token)
	    ? OK
	    : fail_call(t, E_BAD_GATEWAY, "Turso's answer has no token");
}

#define TOKENS "/auth/tokens?expiration=never&authorization="

enum err
turso_mint(struct turso *t, struct userdb *db)
{
	struct str full, read;
	int n;
	enum err e = mint_one(t, db, TOKENS "full-access", &full);

	if (e == OK)
		e = mint_one(t, db, TOKENS "read-only", &read);
	if (e != OK)
		return e;
	if (full.n + read.n + 1 >= sizeof(db->token))
		return fail_call(t, E_BAD_GATEWAY,
		    "Turso's tokens are too long");
	n = snprintf(db->token, sizeof(db->token), "%.*s\n%.*s", STR_ARGS(full),
	    STR_ARGS(read));
	return n > 0 ? OK : fail_call(t, E_INTERNAL, "no tokens");
}
