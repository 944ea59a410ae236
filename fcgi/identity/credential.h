/*
 * credential: the credential of a request, parsed and checked without a lookup.
 *
 * Owns:   the form of keys and session tokens, and the checksum of keys.
 * Not:    its owner: principal looks that up.
 * Limit:  8 KiB of Authorization. The signature of a JWT is verified here, so a
 *         credential of that kind is never forged.
 */
#ifndef IO7_FCGI_IDENTITY_CREDENTIAL_H
#define IO7_FCGI_IDENTITY_CREDENTIAL_H

#include "fcgi/db/db.h"
#include "fcgi/http/req.h"
#include "lib/base/uuid.h"
#include "lib/crypto/crypt.h"

enum credential_kind {
	CREDENTIAL_NONE,
	CREDENTIAL_KEY,     /* test_io7_... or live_io7_... */
	CREDENTIAL_SESSION, /* session_io7_..., in a header or in the cookie */
	CREDENTIAL_TOKEN,   /* a JWT */
};

/* Set when the credential is looked up, also if it is then refused. */
struct credential_owner {
	bool is_known;
	struct uuid user;
	struct uuid key; /* all zero: a session or a token */
};

struct credential {
	enum credential_kind kind;
	bool by_cookie;
	enum mode mode; /* of the key; else of Io7-Mode, by default live */
	/*
	 * SHA-256 of the key or the session token, or of a JWT's issuer and
	 * subject. It identifies the credential in caches and tables.
	 */
	uint8_t id[CRYPT_SHA256];
	/* Only of a JWT. */
	struct str issuer, subject, email;
	int64_t expires_us;

	struct credential_owner owner;
};

/* The request's credential; E_UNAUTHORIZED if it is malformed or forged. */
enum err credential_read(struct req *, struct credential *) MUST_CHECK;
/* The same for a text from elsewhere, such as the body. */
enum err credential_of(struct req *, struct str, struct credential *)
    MUST_CHECK;

enum {
	KEY_RANDOM = 13,   /* bytes */
	KEY_TEXT = 9 + 32, /* "test_io7_" and hex digits */
	SESSION_TEXT = 12 + 64,
};

/* A new key, without a NUL; false if the system has no random bytes. */
bool key_make(enum mode, char text[KEY_TEXT]) MUST_CHECK;
bool session_make(char text[SESSION_TEXT]) MUST_CHECK;

#endif
