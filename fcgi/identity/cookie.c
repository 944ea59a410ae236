/*
 * Cookies. A browser also sends them with requests that another site causes, so
 * a cookie alone permits reading only.
 */
#include "fcgi/identity/cookie.h"

#include "fcgi/http/resp.h"
#include "fcgi/identity/public_url.h"

struct str
cookie_find(const struct req *r, const char *name)
{
	struct str rest = req_param(r, "HTTP_COOKIE"), pair, key;

	while (str_split(&rest, ';', &pair)) {
		pair = str_trim(pair);
		if (str_split(&pair, '=', &key) && str_eq(key, str_of(name)))
			return pair.p ? pair : STR("");
	}
	return (struct str){ 0 };
}

void
cookie_set(struct req *r, const char *name, struct str value, int seconds)
{
	char text[256];

	snprintf(text, sizeof(text),
	    "%s=%.*s; Path=/; Max-Age=%d; Secure; HttpOnly; SameSite=Lax", name,
	    STR_ARGS(value), seconds);
	resp_header(r, "Set-Cookie", text);
}

/* A digest: scripts may see it, and it does not reveal the session's token. */
bool
cookie_token(struct str session, char to[COOKIE_TOKEN])
{
	uint8_t digest[CRYPT_SHA256];
	char bytes[128];
	struct buf text;

	buf_init_fixed(&text, bytes, sizeof(bytes));
	buf_puts(&text, "csrf");
	buf_str(&text, session);
	if (text.failed || !crypt_sha256(buf_view(&text), digest))
		return false;
	crypt_hex(digest, sizeof(digest), to);
	return true;
}

enum err
cookie_guard(struct req *r, struct str session)
{
	struct str sent = req_param(r, "HTTP_X_CSRF_TOKEN"), origin;
	char token[COOKIE_TOKEN];
	enum err e;

	if (r->method == GET || r->method == HEAD)
		return OK;
	e = public_url_origin(r, &origin);
	if (e != OK)
		return e;
	if (!str_eq_nocase(req_param(r, "HTTP_ORIGIN"), origin))
		return fail_saying(r, E_FORBIDDEN,
		    "The Origin of a request by cookie must be this site.");
	if (!cookie_token(session, token))
		return fail(r, E_INTERNAL, "no digest");
	if (!crypt_equal(sent, (struct str){ token, sizeof(token) }))
		return fail_saying(r, E_FORBIDDEN,
		    "A request by cookie needs the X-CSRF-Token of its session.");
	return OK;
}
