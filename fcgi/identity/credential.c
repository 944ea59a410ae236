/*
 * Credentials. The last six digits of a key are a checksum of the rest, so that
 * a mistyped or invented key is refused without a lookup.
 */
#include "fcgi/identity/credential.h"

#include "fcgi/identity/cookie.h"
#include "fcgi/identity/jwt.h"
#include "lib/crypto/jose.h"

enum { PREFIX = 9, DIGITS = 2 * KEY_RANDOM, CHECKSUM = 6 };

static const char *const prefixes[MODE_COUNT] = {
	[MODE_LIVE] = "live_io7_",
	[MODE_TEST] = "test_io7_",
};

static const char session_prefix[] = "session_io7_";

/* It covers the prefix too: changing the mode of a key makes it invalid. */
static bool
checksum(const char *text, char digits[CHECKSUM])
{
	uint8_t digest[CRYPT_SHA256];

	if (!crypt_sha256((struct str){ text, PREFIX + DIGITS }, digest))
		return false;
	crypt_hex(digest, CHECKSUM / 2, digits);
	return true;
}

bool
key_make(enum mode mode, char text[KEY_TEXT])
{
	uint8_t random[KEY_RANDOM];

	if (!crypt_random(random, sizeof(random)))
		return false;
	memcpy(text, prefixes[mode], PREFIX);
	crypt_hex(random, sizeof(random), text + PREFIX);
	return checksum(text, text + PREFIX + DIGITS);
}

bool
session_make(char text[SESSION_TEXT])
{
	uint8_t random[32];
	const size_t n = sizeof(session_prefix) - 1;

	if (!crypt_random(random, sizeof(random)))
		return false;
	memcpy(text, session_prefix, n);
	crypt_hex(random, sizeof(random), text + n);
	return true;
}

static bool
are_digits(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') ||
			(s.p[i] >= 'a' && s.p[i] <= 'f')))
			return false;
	return true;
}

static bool
is_key(struct str text, enum mode *mode)
{
	char sum[CHECKSUM];

	for (enum mode m = 0; m < MODE_COUNT; m++) {
		if (text.n != KEY_TEXT ||
		    !str_starts(text, str_of(prefixes[m])))
			continue;
		*mode = m;
		return are_digits(
			   (struct str){ text.p + PREFIX, text.n - PREFIX }) &&
		    checksum(text.p, sum) &&
		    memcmp(sum, text.p + PREFIX + DIGITS, CHECKSUM) == 0;
	}
	return false;
}

static bool
is_session(struct str text)
{
	const size_t n = sizeof(session_prefix) - 1;

	return text.n == SESSION_TEXT &&
	    str_starts(text, str_of(session_prefix)) &&
	    are_digits((struct str){ text.p + n, text.n - n });
}

/* Reads the header Io7-Mode; without it *mode stays unchanged. */
static enum err
read_mode(struct req *r, enum mode *mode)
{
	struct str name = req_param(r, "HTTP_IO7_MODE");

	for (enum mode m = 0; name.p && m < MODE_COUNT; m++) {
		if (!str_eq(name, str_of(mode_name(m))))
			continue;
		*mode = m;
		return OK;
	}
	return name.p
	    ? fail_field(r, E_BAD_REQUEST, "Io7-Mode", "must be live or test")
	    : OK;
}

/* A key has its own mode. A header that names the other mode is an error. */
static enum err
check_key_mode(struct req *r, enum mode mode)
{
	enum mode asked = mode;
	enum err e = read_mode(r, &asked);

	if (e != OK || asked == mode)
		return e;
	return fail_field(r, E_BAD_REQUEST, "Io7-Mode",
	    mode == MODE_TEST ? "is live, but this is a test key"
			      : "is test, but this is a live key");
}

enum err
credential_of(struct req *r, struct str text, struct credential *c)
{
	enum err e = OK;

	*c = (struct credential){ 0 };
	if (is_key(text, &c->mode)) {
		c->kind = CREDENTIAL_KEY;
		e = check_key_mode(r, c->mode);
	} else if (is_session(text)) {
		c->kind = CREDENTIAL_SESSION;
		e = read_mode(r, &c->mode);
	} else if (jose_is_token(text)) {
		c->kind = CREDENTIAL_TOKEN;
		e = read_mode(r, &c->mode);
		return e == OK ? jwt_read(r, text, c) : e;
	} else {
		return fail(r, E_UNAUTHORIZED,
		    "neither a key nor a session nor a token");
	}
	if (e != OK)
		return e;
	return crypt_sha256(text, c->id) ? OK
					 : fail(r, E_INTERNAL, "no digest");
}

/* Accepts only a session: a key in a cookie is refused. */
static enum err
read_cookie(struct req *r, struct credential *c)
{
	struct str token = cookie_find(r, COOKIE_SESSION);
	enum err e;

	if (token.n == 0)
		return OK;
	if (!is_session(token))
		return fail(r, E_UNAUTHORIZED, "the cookie is not a session");
	e = cookie_guard(r, token);
	if (e == OK)
		e = credential_of(r, token, c);
	c->by_cookie = true;
	return e;
}

enum err
credential_read(struct req *r, struct credential *c)
{
	struct str header = req_param(r, "HTTP_AUTHORIZATION"), scheme;

	*c = (struct credential){ 0 };
	if (!header.p)
		return read_cookie(r, c);
	if (!str_split(&header, ' ', &scheme) ||
	    !str_eq_nocase(scheme, STR("Bearer")))
		return fail(r, E_UNAUTHORIZED, "not a Bearer credential");
	return credential_of(r, str_trim(header), c);
}
