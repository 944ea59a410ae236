/*
 * Key sets and signatures: tokens made by openssl's own program are good, and
 * every other form of them is refused.
 */
#include "lib/crypto/jose.h"
#include "lib/base/base64.h"
#include "lib/json/json.h"
#include "t/unit/jose_tokens.h"
#include "t/unit/tap.h"

static struct arena *mem;

/* --- Base64 ---------------------------------------------------------------- */

static void
is_decoded(struct str text, const char *want)
{
	struct str bytes = STR("");
	struct buf back;

	ok(base64_decode(mem, text, &bytes), "'%.*s' is base64",
	    STR_ARGS(text));
	is_slice(bytes, want, "... of those bytes");
	buf_init(&back, mem);
	buf_base64(&back, bytes);
	ok(str_eq(buf_view(&back), text), "... and back");
}

static void
test_base64(void)
{
	static const char *const bad[] = { "A", "AAAAA", "QQ==", "QR", "QUJ",
		"Q Q", "QUI\n", "Q+", "Q/", "QQ=" };
	struct str bytes;

	is_decoded(STR(""), "");
	is_decoded(STR("QQ"), "A");
	is_decoded(STR("QUI"), "AB");
	is_decoded(STR("QUJD"), "ABC");
	is_decoded(STR("-_-_"), "\xFB\xFF\xBF");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(!base64_decode(mem, str_of(bad[i]), &bytes),
		    "bad text %zu is refused", i);
}

/* --- Sets ------------------------------------------------------------------ */

static void
is_set(const char *text, size_t keys, const char *what)
{
	const char *problem;
	struct jose_set *set = jose_set_new(mem, str_of(text), &problem);

	if (ok(set, "%s is a set", what))
		is_int((long long)jose_set_count(set), (long long)keys,
		    "... with that number of keys");
	jose_set_free(set);
}

static void
is_no_set(const char *text, const char *why)
{
	const char *problem;
	struct jose_set *set = jose_set_new(mem, str_of(text), &problem);

	ok(!set, "refused");
	is_str(problem, why, why);
	jose_set_free(set);
}

#define SET(keys)     "{\"keys\":[" keys "]}"
#define ED_WITH(more) SET("{" more "," ED_PARTS "}")

static void
test_sets(void)
{
	is_set(JOSE_SET, 3, "one of each kind");
	is_set(SET(ED_KEY ",{\"kty\":\"oct\",\"k\":\"AAAA\"},7,"
			  "{\"kty\":\"EC\",\"crv\":\"P-521\"}"),
	    1, "one with keys of other kinds");
	is_set(SET(ED_KEY ",{\"use\":\"enc\",\"kid\":\"ed\"," ED_PARTS "}"), 1,
	    "one with a key for encryption");
	is_set(SET(ED_KEY ",{\"kty\":\"RSA\",\"kid\":\"weak\",\"e\":\"AQAB\","
			  "\"n\":\"" WEAK_N "\"}"),
	    1, "one with a weak key");
	is_set(SET(ED_KEY ",{\"kty\":\"RSA\",\"kid\":\"one\",\"e\":\"AQ\","
			  "\"n\":\"" RSA_N "\"}"),
	    1, "one with an exponent of 1");
	is_set(SET(ED_KEY ",{\"kty\":\"EC\",\"kid\":\"off\",\"crv\":\"P-256\","
			  "\"x\":\"" EC_X "\",\"y\":\"" EC_X "\"}"),
	    1, "one with a point off the curve");
	is_set(SET("{" ED_PARTS "},{" ED_PARTS "}"), 2, "keys without kid");
	is_set(ED_WITH("\"alg\":\"Ed25519\""), 1,
	    "one whose key is for Ed25519, by its name in RFC 9864");
}

static void
test_no_sets(void)
{
	static const char none[] = "none of its keys can be used";
	static const char rubbish[] = "it is not a key set";

	is_no_set(SET(ED_KEY "," ED_KEY), "two keys have the same kid");
	is_no_set(SET(""), none);
	is_no_set(ED_WITH("\"use\":\"enc\""), none);
	is_no_set(ED_WITH("\"alg\":\"ES256\""), none);
	is_no_set(ED_WITH("\"key_ops\":[\"sign\"]"), none);
	is_no_set(ED_WITH("\"key_ops\":[]"), none);
	is_no_set(ED_WITH("\"kid\":7"), none);
	is_no_set("{\"keys\":{\"a\":" ED_KEY "}}", rubbish);
	is_no_set("[" ED_KEY "]", rubbish);
	is_no_set("{\"keys\":[],\"keys\":[" ED_KEY "]}", rubbish);
	is_no_set("<html>", rubbish);
	is_no_set("", rubbish);
}

static void
test_many_keys(void)
{
	struct buf b;

	buf_init(&b, mem);
	buf_puts(&b, "{\"keys\":[");
	for (int i = 0; i < JOSE_KEYS_MAX; i++)
		buf_printf(&b, "%s{\"kid\":\"%d\"," ED_PARTS "}", i ? "," : "",
		    i);
	buf_puts(&b, "]}");
	buf_putc(&b, '\0');
	is_set(b.p, JOSE_KEYS_MAX, "the largest set");
	b.n -= 3;
	buf_puts(&b, "," ED_KEY "]}");
	buf_putc(&b, '\0');
	is_no_set(b.p, "too many keys");
}

/* --- Tokens ---------------------------------------------------------------- */

static struct jose_trust trust;

static void
is_verdict(struct str token, enum jose_verdict want, const char *what)
{
	const struct json *claims;
	const char *problem;
	enum jose_verdict got =
	    jose_verify(mem, token, &trust, &claims, &problem);

	is_int(got, want, what);
	ok((got == JOSE_GOOD) == (claims != NULL) &&
		(got == JOSE_GOOD) == !problem,
	    "... with claims or with a problem");
}

static void
is_good(struct str token, const char *what)
{
	const struct json *claims = NULL;
	const char *problem;

	is_verdict(token, JOSE_GOOD, what);
	ok(jose_verify(mem, token, &trust, &claims, &problem) == JOSE_GOOD,
	    "... also the second time");
	is_slice(json_text(json_get(claims, "sub")), "joe", "... by joe");
}

/* Changing any byte of a token invalidates it. */
static void
is_good_in_one_form(struct str token, const char *what)
{
	const struct json *claims;
	const char *problem;
	char *copy = arena_copy(mem, token.p, token.n);
	size_t good = 0;

	is_good(token, what);
	for (size_t i = 0; i < token.n; i++) {
		copy[i] ^= 1;
		good += jose_verify(mem, (struct str){ copy, token.n }, &trust,
			    &claims, &problem) == JOSE_GOOD;
		copy[i] ^= 1;
		good += jose_verify(mem, (struct str){ token.p, i }, &trust,
			    &claims, &problem) == JOSE_GOOD;
	}
	is_int((long long)good, 0,
	    "... but not when a bit is changed or the end is cut");
}

static void
test_tokens(void)
{
	is_good_in_one_form(STR(JOSE_RS256), "RS256");
	is_good_in_one_form(STR(JOSE_ES256), "ES256");
	is_good_in_one_form(STR(JOSE_EDDSA), "EdDSA");
	is_good_in_one_form(STR(JOSE_HS256), "HS256 with any kid");
	is_good(STR(ED_NO_KID), "no kid, if only one key matches");
}

static void
test_refused(void)
{
	static const struct {
		struct str token;
		const char *what;
	} rows[] = {
		{ STR(JOSE_ES256_DER), "a signature in DER" },
		{ STR(ED_CRIT), "a critical extension" },
		{ STR(ED_NO_ALG), "no alg" },
		{ STR(ED_NONE), "none" },
		{ STR(ED_TWICE), "a repeated alg" },
		{ STR(ED_CASE), "an alg in lower case" },
		{ STR(ED_OF_RSA), "the kid of another key" },
		{ STR(ED_AS_RSA), "the algorithm of another key" },
		{ STR(ED_KID_7), "a kid that is a number" },
		{ STR(ED_ARRAY), "claims that are an array" },
		{ STR(ED_DOUBLE), "a repeated claim" },
		{ STR(JOSE_EDDSA "="), "padding" },
		{ STR(JOSE_EDDSA "."), "a fourth part" },
		{ STR(JOSE_EDDSA "\n"), "a line break" },
		{ STR(".."), "nothing" },
		{ STR(""), "an empty token" },
	};
	static char large[JOSE_TOKEN_MAX + 1];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		is_verdict(rows[i].token, JOSE_REFUSED, rows[i].what);
	memset(large, 'A', sizeof(large));
	memcpy(large, JOSE_EDDSA, sizeof(JOSE_EDDSA) - 1);
	is_verdict((struct str){ large, sizeof(large) }, JOSE_REFUSED,
	    "a token that is too long");
}

static void
test_trust(void)
{
	struct jose_trust all = trust;
	const char *problem;
	struct jose_set *two = jose_set_new(mem,
	    STR(SET(ED_KEY ",{\"kid\":\"other\"," ED_PARTS "}")), &problem);

	is_verdict(STR(ED_NOBODY), JOSE_UNKNOWN_KEY, "an unknown kid");
	trust.set = two;
	is_verdict(STR(ED_NO_KID), JOSE_UNKNOWN_KEY, "no kid with two keys");
	trust.set = NULL;
	is_verdict(STR(JOSE_EDDSA), JOSE_UNKNOWN_KEY, "no set yet");
	trust.secret = STR(JOSE_SECRET "!");
	is_verdict(STR(JOSE_HS256), JOSE_REFUSED, "another secret");
	trust.secret = STR("0123456789abcdef0123456789abcde");
	is_verdict(STR(JOSE_HS256), JOSE_REFUSED, "a secret that is too short");
	trust = all;
	trust.secret = STR("");
	is_verdict(STR(JOSE_HS256), JOSE_REFUSED, "no secret");
	jose_set_free(two);
	trust = all;
}

int
main(void)
{
	const char *problem;
	struct jose_set *set;

	mem = arena_new(64 * 1024 * 1024);
	test_base64();
	test_sets();
	test_no_sets();
	test_many_keys();
	set = jose_set_new(mem, STR(JOSE_SET), &problem);
	trust = (struct jose_trust){ set, STR(JOSE_SECRET) };
	test_tokens();
	test_refused();
	test_trust();
	jose_set_free(set);
	arena_free(mem);
	return tap_done();
}
