/*
 * Digests with known answers (FIPS 180-2), digits, and comparing.
 */
#include "lib/crypto/crypt.h"
#include "t/unit/tap.h"

static void
is_digest(struct str text, const char *want, const char *what)
{
	uint8_t digest[CRYPT_SHA256];
	char hex[2 * CRYPT_SHA256];

	ok(crypt_sha256(text, digest), "digested");
	crypt_hex(digest, sizeof(digest), hex);
	is_slice((struct str){ hex, sizeof(hex) }, want, what);
}

static void
test_sha256(void)
{
	is_digest(STR(""),
	    "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855",
	    "SHA-256 of no bytes");
	is_digest(STR("abc"),
	    "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad",
	    "SHA-256 of one block");
	is_digest(
	    STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
	    "248d6a61d20638b8e5c026930c3e6039"
	    "a33ce45964ff2167f6ecedd419db06c1",
	    "SHA-256 of two blocks");
}

static void
test_hex(void)
{
	static const char *const bad[] = { "", "00ff1", "00ff1x", "00ff1g2",
		"00ff1gaa" };
	const uint8_t bytes[] = { 0x00, 0xFF, 0x1A };
	uint8_t back[3] = { 0 };
	char hex[6];

	crypt_hex(bytes, sizeof(bytes), hex);
	is_slice((struct str){ hex, sizeof(hex) }, "00ff1a", "digits");
	ok(crypt_unhex(STR("00fF1A"), back, sizeof(back)),
	    "digits of either case are read");
	ok(memcmp(back, bytes, sizeof(back)) == 0, "the bytes are read back");
	ok(crypt_unhex(STR(""), back, 0), "no digits yield no bytes");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(!crypt_unhex(str_of(bad[i]), back, sizeof(back)),
		    "'%s' is refused", bad[i]);
}

static void
test_random(void)
{
	uint8_t a[32] = { 0 }, b[32] = { 0 };
	int set = 0;

	ok(crypt_random(a, sizeof(a)) && crypt_random(b, sizeof(b)), "random");
	ok(memcmp(a, b, sizeof(a)) != 0, "two random values differ");
	for (size_t i = 0; i < sizeof(a) * 8; i++)
		set += a[i / 8] >> i % 8 & 1;
	ok(set > 64 && set < 192, "about half of the bits are set");
	ok(crypt_random(a, 0), "zero random bytes succeed");
}

static void
test_equal(void)
{
	ok(crypt_equal(STR("secret"), STR("secret")), "equal secrets");
	ok(!crypt_equal(STR("secret"), STR("secreT")), "different secrets");
	ok(!crypt_equal(STR("secret"), STR("secre")), "shorter");
	ok(crypt_equal(STR(""), STR("")), "empty secrets are equal");
}

int
main(void)
{
	test_sha256();
	test_hex();
	test_random();
	test_equal();
	return tap_done();
}
