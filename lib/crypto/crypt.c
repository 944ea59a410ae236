/*
 * By OpenSSL. A process fetches the digest and makes its context once: both cost
 * more than hashing a key.
 */
#include "lib/crypto/crypt.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

bool
crypt_random(void *to, size_t n)
{
	return RAND_priv_bytes_ex(NULL, to, n, 0) == 1;
}

bool
crypt_sha256(struct str text, uint8_t digest[CRYPT_SHA256])
{
	static EVP_MD *sha256;
	static EVP_MD_CTX *context;

	if (!sha256)
		sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (!context)
		context = EVP_MD_CTX_new();
	return sha256 && context &&
	    EVP_DigestInit_ex2(context, sha256, NULL) == 1 &&
	    EVP_DigestUpdate(context, text.p, text.n) == 1 &&
	    EVP_DigestFinal_ex(context, digest, NULL) == 1;
}

bool
crypt_hmac_sha256(struct str key, struct str text, uint8_t mac[CRYPT_SHA256])
{
	return EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key.p, key.n,
		   (const unsigned char *)text.p, text.n, mac, CRYPT_SHA256,
		   NULL) != NULL;
}

void
crypt_hex(const void *from, size_t n, char *to)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *b = from;

	for (size_t i = 0; i < n; i++) {
		to[2 * i] = digits[b[i] >> 4];
		to[2 * i + 1] = digits[b[i] & 15];
	}
}

bool
crypt_unhex(struct str hex, void *to, size_t n)
{
	uint8_t *b = to;

	if (hex.n % 2 || hex.n / 2 != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = str_hex_digit(hex.p[2 * i]);
		int low = str_hex_digit(hex.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		b[i] = (uint8_t)(high * 16 + low);
	}
	return true;
}

bool
crypt_equal(struct str a, struct str b)
{
	return a.n == b.n && CRYPTO_memcmp(a.p, b.p, a.n) == 0;
}
