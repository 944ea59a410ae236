/*
 * Fuzzing tokens and key sets: a token that was cut, flipped or put together at
 * random is never good, and a set never has too many keys.
 */
#include "lib/crypto/jose.h"
#include "lib/json/json.h"
#include "t/fuzz/fuzz.h"
#include "t/unit/jose_tokens.h"

static const struct str originals[] = {
	STR(JOSE_RS256),
	STR(JOSE_ES256),
	STR(JOSE_EDDSA),
	STR(JOSE_HS256),
	STR(ED_NO_KID),
};

static bool
is_original(struct str text)
{
	for (size_t i = 0; i < ARRAY_LEN(originals); i++)
		if (str_eq(text, originals[i]))
			return true;
	return false;
}

static const struct jose_set *
known_set(struct arena *mem)
{
	static const struct jose_set *set;
	const char *problem;

	if (!set)
		set = jose_set_new(mem, STR(JOSE_SET), &problem);
	return set;
}

static bool
holds_of_token(struct arena *mem, struct str text)
{
	struct jose_trust trust = { known_set(mem), STR(JOSE_SECRET) };
	const struct json *claims;
	const char *problem;
	bool good =
	    jose_verify(mem, text, &trust, &claims, &problem) == JOSE_GOOD;

	return trust.set && good == is_original(text) &&
	    good == (claims != NULL);
}

static bool
holds_of_set(struct arena *mem, struct str text)
{
	const char *problem;
	struct jose_set *set = jose_set_new(mem, text, &problem);
	bool holds = set ? !problem && jose_set_count(set) <= JOSE_KEYS_MAX
			 : problem != NULL;

	jose_set_free(set);
	return holds;
}

static bool
fuzz_holds(struct str text)
{
	static struct arena *mem;

	if (!mem)
		mem = arena_new(16 * 1024 * 1024);
	arena_reset(mem);
	return holds_of_token(mem, text) && holds_of_set(mem, text);
}

#ifndef FUZZ_ENGINE

static struct str
any_part(struct fuzz *f)
{
	struct str rest = FUZZ_PICK(f, originals), part;

	for (size_t i = fuzz_below(f, 3); i; i--)
		(void)str_split(&rest, '.', &part);
	return str_split(&rest, '.', &part) ? part : STR("");
}

static void
fuzz_make(struct fuzz *f)
{
	static const char *const keys[] = { RSA_KEY, EC_KEY, ED_KEY,
		"{" ED_PARTS "}", "{\"kty\":\"oct\"}", "{}", "null" };

	switch (fuzz_below(f, 3)) {
	case 0:
		buf_str(&f->text, FUZZ_PICK(f, originals));
		break;
	case 1:
		for (size_t i = 1 + fuzz_below(f, 4); i; i--) {
			buf_str(&f->text, any_part(f));
			buf_puts(&f->text, i > 1 ? "." : "");
		}
		break;
	default:
		buf_puts(&f->text, "{\"keys\":[");
		for (size_t i = 1 + fuzz_below(f, 4); i; i--) {
			buf_puts(&f->text, FUZZ_PICK(f, keys));
			buf_puts(&f->text, i > 1 ? "," : "");
		}
		buf_puts(&f->text, "]}");
	}
}

#endif
