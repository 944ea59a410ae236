/*
 * credential: what a request shows, taken apart before anybody is asked.
 *
 * Owns:   the form of keys and of session tokens, and their checksum.
 * Not:    whose it is: caller finds that out.
 * Limit:  8 KiB of Authorization; a token of another issuer is verified here,
 *         so what comes out of this is never a forged one.
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
	enum mode mode; /* of the key; else what Io7-Mode says, else live */
	/*
	 * SHA-256 of the key or of the session's token, or of a token's issuer
	 * and subject: the name of the credential wherever it is remembered.
	 */
	uint8_t id[CRYPT_SHA256];
	/* Of a token only. */
	struct str issuer, subject, email;
	int64_t expires_us;

	struct credential_owner owner;
};

/* What the request shows; E_UNAUTHORIZED for what cannot be a credential. */
enum err credential_read(struct req *, struct credential *) MUST_CHECK;
/* The same for a text from elsewhere, such as a body. */
enum err credential_of(struct req *, struct str, struct credential *)
    MUST_CHECK;

enum {
	KEY_RANDOM = 13,   /* bytes */
	KEY_TEXT = 9 + 32, /* "test_io7_" and the digits */
	SESSION_TEXT = 12 + 64,
};

/* A new one, without a NUL; false when the machine has no random bytes. */
bool key_make(enum mode, char text[KEY_TEXT]) MUST_CHECK;
bool session_make(char text[SESSION_TEXT]) MUST_CHECK;

#endif
