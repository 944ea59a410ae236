/*
 * Signatures of requests. Receivers decode the base64 strictly, so it is written
 * with its padding.
 */
#include "lib/crypto/webhook.h"

#include "lib/base/base64.h"
#include "lib/crypto/crypt.h"

#define PREFIX "whsec_"

enum {
	ID_MAX = 256,
	NEW_KEY = 32, /* bytes */
	/* Of the base64 of WEBHOOK_KEY_MAX bytes, with padding. */
	DIGITS_MAX = (WEBHOOK_KEY_MAX + 2) / 3 * 4,
};

static const char *
read_secret(struct arena *mem, struct str secret, struct str *key)
{
	if (!str_starts(secret, STR(PREFIX)))
		return "The secret must begin with whsec_.";
	secret.p += sizeof(PREFIX) - 1;
	secret.n -= sizeof(PREFIX) - 1;
	if (secret.n > DIGITS_MAX)
		return "The secret must have at most 64 bytes.";
	if (!base64_decode_standard(mem, secret, key))
		return "The secret must be base64 after whsec_.";
	if (key->n < WEBHOOK_KEY_MIN)
		return "The secret must have at least 24 bytes.";
	return key->n > WEBHOOK_KEY_MAX
	    ? "The secret must have at most 64 bytes."
	    : NULL;
}

const char *
webhook_secret_problem(struct arena *mem, struct str secret)
{
	struct str key;

	return read_secret(mem, secret, &key);
}

static void
buf_padded(struct buf *b, struct str bytes)
{
	static const char padding[] = "==";

	buf_base64_standard(b, bytes);
	buf_add(b, padding, (3 - bytes.n % 3) % 3);
}

bool
webhook_secret_new(char to[WEBHOOK_SECRET_TEXT])
{
	char key[NEW_KEY];
	struct buf b;

	if (!crypt_random(key, sizeof(key)))
		return false;
	buf_init_fixed(&b, to, WEBHOOK_SECRET_TEXT);
	buf_puts(&b, PREFIX);
	buf_padded(&b, (struct str){ key, sizeof(key) });
	buf_putc(&b, '\0');
	return !b.failed;
}

/* With a dot, two messages could have the same signed text. */
static bool
is_id(struct str id)
{
	for (size_t i = 0; i < id.n; i++)
		if (id.p[i] <= ' ' || id.p[i] > '~' || id.p[i] == '.')
			return false;
	return id.n > 0 && id.n <= ID_MAX;
}

static bool
add_signature(struct arena *mem, struct str secret, struct str signed_text,
    struct buf *b)
{
	uint8_t mac[CRYPT_SHA256];
	struct str key;

	if (read_secret(mem, secret, &key) ||
	    !crypt_hmac_sha256(key, signed_text, mac))
		return false;
	buf_puts(b, "v1,");
	buf_padded(b, (struct str){ (const char *)mac, sizeof(mac) });
	return !b->failed;
}

bool
webhook_sign(struct arena *mem, const struct webhook_signer *signer,
    int64_t timestamp_s, struct str body, struct buf *b)
{
	struct buf text;

	buf_init(&text, mem);
	buf_str(&text, signer->id);
	buf_printf(&text, ".%lld.", (long long)timestamp_s);
	buf_str(&text, body);
	if (text.failed || !is_id(signer->id) ||
	    !add_signature(mem, signer->secret, buf_view(&text), b))
		return false;
	if (signer->next.n == 0)
		return true;
	buf_putc(b, ' ');
	return add_signature(mem, signer->next, buf_view(&text), b);
}
