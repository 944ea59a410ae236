/*
 * By OpenSSL. A sealed secret is its nonce, the cipher text and the tag. Nonces
 * are random: with 96 bits, a key may seal four billion secrets.
 */
#include "lib/crypto/seal.h"

#include "lib/crypto/crypt.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

enum { KEY = 32, NONCE = 12, TAG = 16, AROUND = NONCE + TAG };

/* --- The key file --------------------------------------------------------- */

struct seal_key {
	uint32_t number;
	uint8_t bytes[KEY];
};

/* The key of the next line that is not blank, or its problem; false at the end. */
static bool
next_key(struct str *rest, struct seal_key *key, const char **problem)
{
	struct str line, number;
	uint64_t n;

	do
		if (!str_split(rest, '\n', &line))
			return false;
	while (str_trim(line).n == 0);
	line = str_trim(line);
	str_split(&line, ' ', &number);
	*problem = NULL;
	if (!str_to_u64(number, &n) || n < 1 || n > UINT32_MAX)
		*problem =
		    "has a line that does not begin with a number from 1";
	else if (!crypt_unhex(str_trim(line), key->bytes, KEY))
		*problem = "has a key that is not 64 hexadecimal digits";
	else
		key->number = (uint32_t)n;
	return true;
}

/* The key of that number, or with 0 the one of the highest. */
static bool
find_key(struct str keys, uint32_t number, struct seal_key *found)
{
	struct seal_key key;
	const char *problem;

	found->number = 0;
	while (next_key(&keys, &key, &problem))
		if (!problem &&
		    (number ? key.number == number
			    : key.number > found->number))
			*found = key;
	OPENSSL_cleanse(&key, sizeof(key));
	return found->number != 0;
}

const char *
seal_keys_problem(const char *text)
{
	struct str rest = str_of(text);
	const char *problem;
	struct seal_key key, other;

	while (next_key(&rest, &key, &problem)) {
		if (problem)
			return problem;
		/* Looked for in the lines after this one. */
		if (find_key(rest, key.number, &other))
			return "has two keys with the same number";
	}
	return NULL;
}

uint32_t
seal_newest(struct str keys)
{
	struct seal_key key;

	return find_key(keys, 0, &key) ? key.number : 0;
}

/* --- Sealed secrets ------------------------------------------------------- */

/* Takes "NUMBER:" off the front; 0: it is malformed. */
static uint32_t
take_number(struct str *sealed)
{
	struct str number;
	uint64_t n;

	if (!str_split(sealed, ':', &number) || !sealed->p ||
	    !str_to_u64(number, &n) || n > UINT32_MAX)
		return 0;
	return (uint32_t)n;
}

uint32_t
seal_number(struct str sealed)
{
	return take_number(&sealed);
}

/* Begins a cipher with the key, the nonce and the name. */
static bool
begin(EVP_CIPHER_CTX *ctx, const struct seal_key *key, const uint8_t *nonce,
    struct str name, bool encrypts)
{
	int n;

	return ctx && name.n <= INT32_MAX &&
	    EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, key->bytes, nonce,
		encrypts) == 1 &&
	    EVP_CipherUpdate(ctx, NULL, &n, (const uint8_t *)name.p,
		(int)name.n) == 1;
}

static bool
encrypt(const struct seal_key *key, struct str name, struct str secret,
    uint8_t *to)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t *text = to + NONCE;
	int n = 0, last = 0;
	bool done = crypt_random(to, NONCE) &&
	    begin(ctx, key, to, name, true) &&
	    EVP_CipherUpdate(ctx, text, &n, (const uint8_t *)secret.p,
		(int)secret.n) == 1 &&
	    EVP_CipherFinal_ex(ctx, text + n, &last) == 1 &&
	    (size_t)n == secret.n && last == 0 &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG,
		text + secret.n) == 1;

	EVP_CIPHER_CTX_free(ctx);
	return done;
}

/* `from` is a nonce, n bytes of cipher text, and the tag. */
static bool
decrypt(const struct seal_key *key, struct str name, uint8_t *from, size_t n,
    uint8_t *to)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	const uint8_t *text = from + NONCE;
	int part = 0, last = 0;
	bool done = begin(ctx, key, from, name, false) &&
	    EVP_CipherUpdate(ctx, to, &part, text, (int)n) == 1 &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG,
		from + NONCE + n) == 1 &&
	    EVP_CipherFinal_ex(ctx, to + part, &last) == 1 &&
	    (size_t)part == n && last == 0;

	EVP_CIPHER_CTX_free(ctx);
	return done;
}

enum err
seal_secret(struct str keys, struct str name, struct str secret, struct buf *b)
{
	uint8_t bytes[AROUND + SEAL_SECRET_MAX];
	char digits[2 * sizeof(bytes)];
	struct seal_key key;
	bool done;

	if (secret.n > SEAL_SECRET_MAX)
		return E_TOO_LARGE;
	if (!find_key(keys, 0, &key))
		return E_UNAVAILABLE;
	done = encrypt(&key, name, secret, bytes);
	OPENSSL_cleanse(key.bytes, sizeof(key.bytes));
	if (!done)
		return E_INTERNAL;
	crypt_hex(bytes, AROUND + secret.n, digits);
	buf_printf(b, "%u:", key.number);
	buf_add(b, digits, 2 * (AROUND + secret.n));
	return b->failed ? E_TOO_LARGE : OK;
}

enum err
seal_open(struct str keys, struct str name, struct str sealed, struct buf *b)
{
	uint8_t bytes[AROUND + SEAL_SECRET_MAX], secret[SEAL_SECRET_MAX];
	uint32_t number = take_number(&sealed);
	size_t n = sealed.n / 2;
	struct seal_key key;
	bool done;

	if (!number || n < AROUND || n > sizeof(bytes) ||
	    !crypt_unhex(sealed, bytes, n))
		return E_INTERNAL;
	if (!find_key(keys, number, &key))
		return E_UNAVAILABLE;
	done = decrypt(&key, name, bytes, n - AROUND, secret);
	OPENSSL_cleanse(key.bytes, sizeof(key.bytes));
	if (done)
		buf_add(b, secret, n - AROUND);
	OPENSSL_cleanse(secret, sizeof(secret));
	if (!done)
		return E_INTERNAL;
	return b->failed ? E_TOO_LARGE : OK;
}
