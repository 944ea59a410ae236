/*
 * Keys and session tokens: their form, and the checksum, which detects any
 * wrong character.
 */
#include "fcgi/identity/credential.h"
#include "t/unit/tap.h"

#include <fcgiapp.h>

static char *no_headers[] = { NULL };
static FCGX_Request io = { .envp = no_headers };
static struct req r = { .io = &io };

static enum err
read_text(const char *text, size_t n, struct credential *c)
{
	return credential_of(&r, (struct str){ text, n }, c);
}

static bool
is_hex(const char *text, size_t n)
{
	return strspn(text, "0123456789abcdef") >= n;
}

static void
test_form(enum mode mode, const char *prefix)
{
	char text[KEY_TEXT + 1] = "", other[KEY_TEXT + 1] = "";
	uint8_t digest[CRYPT_SHA256];
	struct credential c;

	ok(key_make(mode, text) && key_make(mode, other), "two %s keys",
	    mode_name(mode));
	ok(strncmp(text, prefix, strlen(prefix)) == 0 &&
		is_hex(text + strlen(prefix), 32),
	    "... of the form %s and 32 digits", prefix);
	ok(strcmp(text, other) != 0, "... two keys differ");
	is_int(read_text(text, KEY_TEXT, &c), OK, "... is read");
	ok(c.kind == CREDENTIAL_KEY && c.mode == mode,
	    "... with its kind and mode");
	ok(crypt_sha256(str_of(text), digest) &&
		memcmp(digest, c.id, sizeof(digest)) == 0,
	    "... and identified by its digest");
}

/* Every other digit at every position, and every other length. */
static void
test_checksum(void)
{
	static const char digits[] = "0123456789abcdef";
	char text[KEY_TEXT + 1] = "", bad[KEY_TEXT + 2];
	struct credential c;
	int passed = 0;

	ok(key_make(MODE_LIVE, text), "a key");
	for (size_t i = strlen("live_io7_"); i < KEY_TEXT; i++)
		for (const char *d = digits; *d; d++) {
			memcpy(bad, text, KEY_TEXT);
			bad[i] = *d;
			if (*d != text[i])
				passed += read_text(bad, KEY_TEXT, &c) == OK;
		}
	is_int(passed, 0, "a wrong digit at any position is detected");
	for (size_t n = 0; n < KEY_TEXT; n++)
		passed += read_text(text, n, &c) == OK;
	memcpy(bad, text, KEY_TEXT);
	bad[KEY_TEXT] = '0';
	passed += read_text(bad, KEY_TEXT + 1, &c) == OK;
	is_int(passed, 0, "a missing or extra digit is detected");
	memcpy(bad, text, KEY_TEXT);
	memcpy(bad, "test", 4);
	is_int(read_text(bad, KEY_TEXT, &c), E_UNAUTHORIZED,
	    "the mode is part of the checksum");
	memcpy(bad, text, KEY_TEXT);
	for (size_t i = 0; i < KEY_TEXT; i++)
		if (bad[i] >= 'a' && bad[i] <= 'z')
			bad[i] = (char)(bad[i] - 'a' + 'A');
	is_int(read_text(bad, KEY_TEXT, &c), E_UNAUTHORIZED,
	    "an upper-case key is refused");
}

static void
test_session(void)
{
	char text[SESSION_TEXT + 1] = "";
	struct credential c;

	ok(session_make(text), "a session's token");
	ok(strncmp(text, "session_io7_", 12) == 0 && is_hex(text + 12, 64),
	    "... of its form");
	is_int(read_text(text, SESSION_TEXT, &c), OK, "... is read");
	ok(c.kind == CREDENTIAL_SESSION && c.mode == MODE_LIVE,
	    "... and is live by default");
	text[SESSION_TEXT - 1] = 'x';
	is_int(read_text(text, SESSION_TEXT, &c), E_UNAUTHORIZED,
	    "... not with another character");
	is_int(read_text(text, SESSION_TEXT - 1, &c), E_UNAUTHORIZED,
	    "... not with a missing character");
}

int
main(void)
{
	r.mem = arena_new(1 << 20);
	test_form(MODE_LIVE, "live_io7_");
	test_form(MODE_TEST, "test_io7_");
	test_checksum();
	test_session();
	arena_free(r.mem);
	return tap_done();
}
