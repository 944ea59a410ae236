/*
 * Sealed secrets: a known answer of AES-256-GCM, tampering, and keys that are
 * wrong, missing or rotated.
 */
#include "lib/crypto/seal.h"

#include "lib/crypto/crypt.h"
#include "t/unit/tap.h"

static const char key_1[] = "1 "
			    "00112233445566778899aabbccddeeff"
			    "00112233445566778899aabbccddeeff\n";
static const char key_2[] = "2 "
			    "ffeeddccbbaa99887766554433221100"
			    "ffeeddccbbaa99887766554433221100\n";
static const char both[] = "1 "
			   "00112233445566778899aabbccddeeff"
			   "00112233445566778899aabbccddeeff\n"
			   "\n"
			   "2 "
			   "ffeeddccbbaa99887766554433221100"
			   "ffeeddccbbaa99887766554433221100\n";
/* Number 1 with the bytes of another key. */
static const char wrong_1[] = "1 "
			      "10112233445566778899aabbccddeeff"
			      "00112233445566778899aabbccddeeff\n";

static char text[32768];

static struct str
sealed_with(const char *keys, const char *name, struct str secret)
{
	struct buf b;

	buf_init_fixed(&b, text, sizeof(text));
	ok(seal_secret(str_of(keys), str_of(name), secret, &b) == OK,
	    "a secret of %zu bytes is sealed", secret.n);
	return buf_view(&b);
}

static enum err
open_with(const char *keys, const char *name, struct str sealed, struct buf *b)
{
	static char bytes[SEAL_SECRET_MAX + 1];

	buf_init_fixed(b, bytes, sizeof(bytes));
	return seal_open(str_of(keys), str_of(name), sealed, b);
}

/* Test case 16 of "The Galois/Counter Mode of Operation", McGrew and Viega. */
static void
test_known_answer(void)
{
	static const char keys[] = "7 "
				   "feffe9928665731c6d6a8f9467308308"
				   "feffe9928665731c6d6a8f9467308308";
	static const char sealed[] =
	    "7:cafebabefacedbaddecaf888"
	    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
	    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
	    "76fc6ece0f4e1768cddf8853bb2d551b";
	static const char plain[] =
	    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
	    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
	uint8_t name[20];
	char bytes[64], hex[2 * sizeof(bytes)];
	struct buf b;

	ok(crypt_unhex(STR("feedfacedeadbeeffeedfacedeadbeefabaddad2"), name,
	       sizeof(name)),
	    "the name of the known answer");
	buf_init_fixed(&b, bytes, sizeof(bytes));
	ok(seal_open(str_of(keys), (struct str){ (char *)name, sizeof(name) },
	       str_of(sealed), &b) == OK,
	    "a known answer is opened");
	crypt_hex(b.p, b.n, hex);
	is_slice((struct str){ hex, 2 * b.n }, plain, "... with its secret");
}

static void
test_round_trip(void)
{
	static char large[SEAL_SECRET_MAX + 1];
	struct str sealed = sealed_with(key_1, "row", STR("secret"));
	struct buf b;
	char first[256];

	ok(open_with(key_1, "row", sealed, &b) == OK, "it is opened");
	is_slice(buf_view(&b), "secret", "... as it was");
	ok(sealed.n < sizeof(first), "it is short");
	memcpy(first, sealed.p, sealed.n);
	ok(!str_eq((struct str){ first, sealed.n },
	       sealed_with(key_1, "row", STR("secret"))),
	    "sealed twice it differs");
	sealed = sealed_with(key_1, "row", STR(""));
	ok(open_with(key_1, "row", sealed, &b) == OK && b.n == 0,
	    "an empty secret is opened");
	memset(large, 'x', sizeof(large));
	sealed =
	    sealed_with(key_1, "row", (struct str){ large, SEAL_SECRET_MAX });
	ok(open_with(key_1, "row", sealed, &b) == OK && b.n == SEAL_SECRET_MAX,
	    "the largest secret is opened");
	buf_init_fixed(&b, text, sizeof(text));
	ok(seal_secret(str_of(key_1), STR("row"),
	       (struct str){ large, sizeof(large) }, &b) == E_TOO_LARGE,
	    "a larger one is refused");
}

static void
test_tampering(void)
{
	struct str sealed = sealed_with(key_1, "row", STR("secret"));
	struct buf b;
	int opened = 0;

	ok(open_with(key_1, "other", sealed, &b) == E_INTERNAL,
	    "it is not opened under the name of another row");
	for (size_t i = 2; i < sealed.n; i++) {
		char *digit = text + i, was = *digit;

		*digit = was == '0' ? '1' : '0';
		opened += open_with(key_1, "row", sealed, &b) != E_INTERNAL;
		*digit = was;
	}
	is_int(opened, 0, "no digit of it can be changed");
	for (size_t n = 0; n < sealed.n; n++)
		opened += open_with(key_1, "row", (struct str){ sealed.p, n },
			      &b) == OK;
	is_int(opened, 0, "it cannot be cut");
	ok(open_with(key_1, "row", sealed, &b) == OK, "it is opened again");
	ok(open_with(key_1, "row", STR("1:zz"), &b) == E_INTERNAL,
	    "other text is not opened");
	ok(open_with(key_1, "row", STR(""), &b) == E_INTERNAL,
	    "nor is no text");
}

static void
test_keys(void)
{
	struct str sealed = sealed_with(key_1, "row", STR("secret"));
	struct buf b;

	is_int(seal_number(sealed), 1, "the number of the key is in front");
	ok(open_with(wrong_1, "row", sealed, &b) == E_INTERNAL,
	    "another key of the same number does not open it");
	ok(open_with(key_2, "row", sealed, &b) == E_UNAVAILABLE,
	    "without its key it is not opened");
	ok(open_with("", "row", sealed, &b) == E_UNAVAILABLE,
	    "nor with an empty file");
	ok(open_with(both, "row", sealed, &b) == OK,
	    "after a rotation the old key still opens it");
	sealed = sealed_with(both, "row", STR("secret"));
	is_int(seal_number(sealed), 2, "... and the new one seals");
	is_int(seal_newest(str_of(both)), 2,
	    "the highest number is the newest");
	is_int(seal_newest(STR("")), 0, "an empty file has no key");
	buf_init_fixed(&b, text, sizeof(text));
	ok(seal_secret(STR(""), STR("row"), STR("x"), &b) == E_UNAVAILABLE,
	    "without a key nothing is sealed");
}

static void
test_files(void)
{
	static const char *const bad[] = {
		"0 0011",
		"1",
		"1 00112233",
		"x 00112233445566778899aabbccddeeff"
		"00112233445566778899aabbccddeeff",
		"1 0011223344556677889_aabbccddeeff"
		"00112233445566778899aabbccddeeff",
		"99999999999 00112233445566778899aabbccddeeff"
		"00112233445566778899aabbccddeeff",
	};
	char twice[512];

	ok(!seal_keys_problem(""), "an empty key file is good");
	ok(!seal_keys_problem(both), "a file of two keys is good");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(seal_keys_problem(bad[i]), "'%.20s' is refused", bad[i]);
	snprintf(twice, sizeof(twice), "%s%s", both, key_1);
	ok(seal_keys_problem(twice), "a number that is there twice is refused");
}

int
main(void)
{
	test_known_answer();
	test_round_trip();
	test_tampering();
	test_keys();
	test_files();
	return tap_done();
}
