/*
 * Signatures of webhooks: the example of the standard's libraries, secrets that
 * are none, and both secrets while one is rotated.
 */
#include "lib/crypto/webhook.h"
#include "lib/base/base64.h"
#include "lib/crypto/crypt.h"
#include "t/unit/tap.h"

static struct arena *mem;

static const char secret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
static const char other[] =
    "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/* The signature, or "" if there is none. */
static const char *
sign(const struct webhook_signer *signer, int64_t timestamp_s, struct str body)
{
	struct buf b;

	arena_reset(mem);
	buf_init(&b, mem);
	if (!webhook_sign(mem, signer, timestamp_s, body, &b))
		return "";
	buf_putc(&b, '\0');
	return b.p;
}

static void
test_macs(void)
{
	/* RFC 4231, cases 1 and 2, and an empty text. */
	static const struct {
		struct str key, text;
		const char *mac;
	} rows[] = {
		{ { "\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"
		    "\x0b\x0b\x0b\x0b\x0b\x0b",
		      20 },
		    { "Hi There", 8 },
		    "b0344c61d8db38535ca8afceaf0bf12b"
		    "881dc200c9833da726e9376c2e32cff7" },
		{ { "Jefe", 4 }, { "what do ya want for nothing?", 28 },
		    "5bdcc146bf60754e6a042426089575c7"
		    "5a003f089d2739839dec58b964ec3843" },
		{ { "key", 3 }, { "", 0 },
		    "5d5d139563c95b5967b9bd9a8c9b233a"
		    "9dedb45072794cd232dc1b74832607d0" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t mac[CRYPT_SHA256];
		char text[2 * CRYPT_SHA256 + 1] = "";

		ok(crypt_hmac_sha256(rows[i].key, rows[i].text, mac),
		    "an HMAC is computed");
		crypt_hex(mac, sizeof(mac), text);
		is_str(text, rows[i].mac, "... as in the RFC");
	}
}

static void
test_signatures(void)
{
	struct webhook_signer signer = {
		.id = STR("msg_p5jXN8AQM9LWM0D4loKWxJek"),
		.secret = str_of(secret),
	};
	char both[128];

	is_str(sign(&signer, 1614265330, STR("{\"test\": 2432232314}")),
	    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
	    "the example of the standard is signed");
	is_str(sign(&signer, 1614265331, STR("{\"test\": 2432232314}")),
	    "v1,l6C9/1+N/lSU6+gfh+YEGqTK2aQ+k8nMEWDvvCgHh7U=",
	    "another time has another signature");
	signer.next = str_of(other);
	snprintf(both, sizeof(both), "%s",
	    sign(&signer, 1614265330, STR("{\"test\": 2432232314}")));
	ok(str_starts(str_of(both),
	       STR("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1,")),
	    "while a secret is rotated, the current one signs first");
	signer.secret = str_of(other);
	signer.next = STR("");
	is_str(sign(&signer, 1614265330, STR("{\"test\": 2432232314}")),
	    both + strlen(both) / 2 + 1, "... and the next one after it");
	ok(strlen(sign(&signer, 1, (struct str){ 0 })) == 47,
	    "a request without a body is signed");
	ok(strlen(sign(&signer, 1, (struct str){ "a\0\xFF", 3 })) == 47,
	    "a body may have any bytes");
}

static void
test_ids(void)
{
	static const char *const bad[] = { "", "a.b", "a b", "a\nb", "a\x7F",
		"\xC3\xA4" };
	struct webhook_signer signer = { .secret = str_of(secret) };
	char longest[257];

	memset(longest, 'x', sizeof(longest));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		signer.id = str_of(bad[i]);
		is_str(sign(&signer, 1, STR("")), "",
		    "an id that is not valid is not signed");
	}
	signer.id = (struct str){ longest, 256 };
	ok(sign(&signer, 1, STR(""))[0], "an id has at most 256 characters");
	signer.id.n++;
	is_str(sign(&signer, 1, STR("")), "", "... and not one more");
}

/* "whsec_" and the base64 of n bytes. */
static struct str
secret_of(size_t n)
{
	static const char bytes[80];
	struct buf b;

	arena_reset(mem);
	buf_init(&b, mem);
	buf_puts(&b, "whsec_");
	buf_base64_standard(&b, (struct str){ bytes, n });
	return buf_view(&b);
}

static void
test_secrets(void)
{
	static const struct {
		const char *secret, *problem;
	} rows[] = {
		{ "", "The secret must begin with whsec_." },
		{ "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
		    "The secret must begin with whsec_." },
		{ "WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
		    "The secret must begin with whsec_." },
		{ "whsec_", "The secret must have at least 24 bytes." },
		{ "whsec_====", "The secret must have at least 24 bytes." },
		{ "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa-_",
		    "The secret must be base64 after whsec_." },
		{ "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa w",
		    "The secret must be base64 after whsec_." },
		{ "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwM",
		    "The secret must be base64 after whsec_." },
	};
	struct webhook_signer signer = { .id = STR("a") };
	char made[2][WEBHOOK_SECRET_TEXT];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		is_str(webhook_secret_problem(mem, str_of(rows[i].secret)),
		    rows[i].problem, rows[i].secret);
		signer.secret = str_of(rows[i].secret);
		is_str(sign(&signer, 1, STR("")), "", "... does not sign");
		signer.secret = str_of(secret);
		signer.next = str_of(rows[i].secret);
		ok(rows[i].secret[0] == '\0' ||
			sign(&signer, 1, STR(""))[0] == '\0',
		    "... nor as the next one");
		signer.next = STR("");
	}
	is_str(webhook_secret_problem(mem, secret_of(23)),
	    "The secret must have at least 24 bytes.", "23 bytes are too few");
	ok(!webhook_secret_problem(mem, secret_of(24)), "24 bytes are enough");
	ok(!webhook_secret_problem(mem, secret_of(64)), "64 bytes are allowed");
	is_str(webhook_secret_problem(mem, secret_of(65)),
	    "The secret must have at most 64 bytes.", "65 bytes are too many");
	is_str(webhook_secret_problem(mem, secret_of(80)),
	    "The secret must have at most 64 bytes.", "... and so are more");

	ok(webhook_secret_new(made[0]) && webhook_secret_new(made[1]),
	    "secrets are made");
	ok(!webhook_secret_problem(mem, str_of(made[0])), "... that are valid");
	ok(strcmp(made[0], made[1]) != 0, "... and random");
}

int
main(void)
{
	mem = arena_new(1 << 20);
	test_macs();
	test_signatures();
	test_ids();
	test_secrets();
	arena_free(mem);
	return tap_done();
}
