/*
 * Keys and signatures by OpenSSL.
 *
 * The kind of a key decides its algorithm; the token's "alg" must match it and
 * selects nothing. Base64, JSON and signatures are accepted in exactly one form
 * each, so that a token cannot be rewritten and stay valid.
 */
#include "lib/crypto/jose.h"

#include "lib/base/base64.h"
#include "lib/crypto/crypt.h"
#include "lib/json/json.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

enum {
	KID_MAX = 255,
	P256 = 32, /* bytes of a coordinate, of r and of s */
	ED25519 = 32,
	RSA_BITS_MIN = 2048,
	RSA_BITS_MAX = 8192, /* larger keys cost too much CPU a token */
	RSA_EXPONENT_MAX = 8,
};

struct algorithm {
	const char *name;      /* in a token */
	const char *alias;     /* another name for it, or NULL */
	const char *kty, *crv; /* of a key */
	const char *digest;    /* NULL: the signature has its own */
	EVP_PKEY *(*read)(struct arena *, const struct json *);
};

struct key {
	const struct algorithm *algorithm;
	EVP_PKEY *key;
	bool has_kid;
	size_t kid_n;
	char kid[KID_MAX];
};

struct jose_set {
	size_t n;
	struct key keys[JOSE_KEYS_MAX];
};

/* --- Keys ------------------------------------------------------------------ */

static bool
read_bytes(struct arena *mem, const struct json *jwk, const char *name,
    struct str *bytes)
{
	return base64_decode(mem, json_text(json_get(jwk, name)), bytes) &&
	    bytes->n;
}

/* The check makes sure that a point is on its curve. */
static EVP_PKEY *
make_key(const char *type, OSSL_PARAM_BLD *parts)
{
	OSSL_PARAM *params = parts ? OSSL_PARAM_BLD_to_param(parts) : NULL;
	EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY_CTX *checker = NULL;
	EVP_PKEY *key = NULL;

	if (params && maker && EVP_PKEY_fromdata_init(maker) == 1 &&
	    EVP_PKEY_fromdata(maker, &key, EVP_PKEY_PUBLIC_KEY, params) == 1)
		checker = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	if (!checker || EVP_PKEY_public_check(checker) != 1) {
		EVP_PKEY_free(key);
		key = NULL;
	}
	EVP_PKEY_CTX_free(checker);
	EVP_PKEY_CTX_free(maker);
	OSSL_PARAM_free(params);
	return key;
}

static EVP_PKEY *
read_rsa(struct arena *mem, const struct json *jwk)
{
	OSSL_PARAM_BLD *parts;
	BIGNUM *modulus, *exponent;
	EVP_PKEY *key = NULL;
	struct str n, e;

	if (!read_bytes(mem, jwk, "n", &n) || !read_bytes(mem, jwk, "e", &e) ||
	    n.n > RSA_BITS_MAX / 8 || e.n > RSA_EXPONENT_MAX)
		return NULL;
	parts = OSSL_PARAM_BLD_new();
	modulus = BN_bin2bn((const unsigned char *)n.p, (int)n.n, NULL);
	exponent = BN_bin2bn((const unsigned char *)e.p, (int)e.n, NULL);
	if (parts && modulus && exponent &&
	    BN_num_bits(modulus) >= RSA_BITS_MIN &&
	    OSSL_PARAM_BLD_push_BN(parts, OSSL_PKEY_PARAM_RSA_N, modulus) &&
	    OSSL_PARAM_BLD_push_BN(parts, OSSL_PKEY_PARAM_RSA_E, exponent))
		key = make_key("RSA", parts);
	BN_free(exponent);
	BN_free(modulus);
	OSSL_PARAM_BLD_free(parts);
	return key;
}

static EVP_PKEY *
read_p256(struct arena *mem, const struct json *jwk)
{
	unsigned char point[1 + 2 * P256] = { POINT_CONVERSION_UNCOMPRESSED };
	OSSL_PARAM_BLD *parts;
	EVP_PKEY *key = NULL;
	struct str x, y;

	if (!read_bytes(mem, jwk, "x", &x) || !read_bytes(mem, jwk, "y", &y) ||
	    x.n != P256 || y.n != P256)
		return NULL;
	memcpy(point + 1, x.p, P256);
	memcpy(point + 1 + P256, y.p, P256);
	parts = OSSL_PARAM_BLD_new();
	if (parts &&
	    OSSL_PARAM_BLD_push_utf8_string(parts, OSSL_PKEY_PARAM_GROUP_NAME,
		"P-256", 0) &&
	    OSSL_PARAM_BLD_push_octet_string(parts, OSSL_PKEY_PARAM_PUB_KEY,
		point, sizeof(point)))
		key = make_key("EC", parts);
	OSSL_PARAM_BLD_free(parts);
	return key;
}

static EVP_PKEY *
read_ed25519(struct arena *mem, const struct json *jwk)
{
	struct str x;

	if (!read_bytes(mem, jwk, "x", &x) || x.n != ED25519)
		return NULL;
	return EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL,
	    (const unsigned char *)x.p, x.n);
}

static const struct algorithm algorithms[] = {
	{ "RS256", NULL, "RSA", NULL, "SHA256", read_rsa },
	{ "ES256", NULL, "EC", "P-256", "SHA256", read_p256 },
	/* RFC 9864 names the curve; EdDSA is the older name. */
	{ "EdDSA", "Ed25519", "OKP", "Ed25519", NULL, read_ed25519 },
};

/* --- Sets ------------------------------------------------------------------ */

static bool
has_text(const struct json *object, const char *name, const char *text)
{
	return str_eq(json_text(json_get(object, name)), str_of(text));
}

static bool
has_no_other(const struct json *object, const char *name, const char *text)
{
	return !json_get(object, name) || has_text(object, name, text);
}

static bool
is_name_of(const struct algorithm *a, struct str name)
{
	return str_eq(name, str_of(a->name)) ||
	    (a->alias && str_eq(name, str_of(a->alias)));
}

static const struct algorithm *
algorithm_of(const struct json *jwk)
{
	const struct json *alg = json_get(jwk, "alg");

	for (size_t i = 0; i < ARRAY_LEN(algorithms); i++) {
		const struct algorithm *a = &algorithms[i];

		if (has_text(jwk, "kty", a->kty) &&
		    (!a->crv || has_text(jwk, "crv", a->crv)))
			return !alg || is_name_of(a, json_text(alg)) ? a : NULL;
	}
	return NULL;
}

static bool
is_for_verifying(const struct json *jwk)
{
	const struct json *ops = json_get(jwk, "key_ops");

	if (!has_no_other(jwk, "use", "sig"))
		return false;
	for (const struct json *op = json_first(ops); op; op = json_after(op))
		if (str_eq(json_text(op), STR("verify")))
			return true;
	return !ops;
}

/* False, with nothing to free, for a key that is skipped. */
static bool
read_key(struct arena *mem, const struct json *jwk, struct key *to)
{
	const struct json *kid = json_get(jwk, "kid");
	struct str name = json_text(kid);

	*to = (struct key){ .algorithm = algorithm_of(jwk) };
	if (!to->algorithm || !is_for_verifying(jwk) || name.n > KID_MAX ||
	    (kid && !name.p))
		return false;
	to->has_kid = kid;
	to->kid_n = name.n;
	if (name.n)
		memcpy(to->kid, name.p, name.n);
	to->key = to->algorithm->read(mem, jwk);
	ERR_clear_error();
	return to->key;
}

static const struct key *
find_named(const struct jose_set *set, struct str kid)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->keys[i].has_kid &&
		    str_eq((struct str){ set->keys[i].kid, set->keys[i].kid_n },
			kid))
			return &set->keys[i];
	return NULL;
}

/* Returns what is wrong with the set, or NULL. */
static const char *
fill_set(struct arena *mem, const struct json *keys, struct jose_set *set)
{
	for (const struct json *j = json_first(keys); j; j = json_after(j)) {
		struct key key;

		if (!read_key(mem, j, &key))
			continue;

		struct str kid = { key.kid, key.kid_n };
		bool is_repeated = key.has_kid && find_named(set, kid);

		if (is_repeated || set->n == JOSE_KEYS_MAX) {
			EVP_PKEY_free(key.key);
			return is_repeated ? "two keys have the same kid"
					   : "too many keys";
		}
		set->keys[set->n++] = key;
	}
	return set->n ? NULL : "none of its keys can be used";
}

struct jose_set *
jose_set_new(struct arena *mem, struct str text, const char **problem)
{
	const struct json *tree = NULL;
	struct json_fault fault;
	struct jose_set *set;

	*problem = "it is not a key set";
	if (json_parse(mem, text, &tree, &fault) != OK ||
	    !json_is(tree, JSON_OBJECT) ||
	    !json_is(json_get(tree, "keys"), JSON_ARRAY))
		return NULL;
	set = calloc(1, sizeof(*set));
	*problem =
	    set ? fill_set(mem, json_get(tree, "keys"), set) : "no memory";
	if (!*problem)
		return set;
	jose_set_free(set);
	return NULL;
}

void
jose_set_free(struct jose_set *set)
{
	for (size_t i = 0; set && i < set->n; i++)
		EVP_PKEY_free(set->keys[i].key);
	free(set);
}

size_t
jose_set_count(const struct jose_set *set)
{
	return set->n;
}

/* --- Tokens ---------------------------------------------------------------- */

struct token {
	struct str signed_text; /* the first two parts and their dot */
	struct str signature;
	const struct json *head, *claims;
};

bool
jose_is_token(struct str text)
{
	size_t dots = 0;

	for (size_t i = 0; i < text.n; i++)
		dots += text.p[i] == '.';
	return dots == 2;
}

static bool
read_object(struct arena *mem, struct str part, const struct json **to)
{
	struct json_fault fault;
	struct str text;

	return base64_decode(mem, part, &text) &&
	    json_parse(mem, text, to, &fault) == OK &&
	    json_is(*to, JSON_OBJECT);
}

static const char *
read_token(struct arena *mem, struct str text, struct token *to)
{
	struct str rest = text, head, claims, signature;

	if (text.n > JOSE_TOKEN_MAX)
		return "a token that is too long";
	if (!jose_is_token(text) || !str_split(&rest, '.', &head) ||
	    !str_split(&rest, '.', &claims))
		return "a token without three parts";
	signature = rest;
	to->signed_text = (struct str){ text.p, head.n + 1 + claims.n };
	if (!read_object(mem, head, &to->head))
		return "a token whose header is not a JSON object";
	if (!read_object(mem, claims, &to->claims))
		return "a token whose claims are not a JSON object";
	if (!base64_decode(mem, signature, &to->signature))
		return "a token whose signature is not base64";
	if (json_get(to->head, "crit"))
		return "a token with critical extensions";
	return NULL;
}

static bool
is_mac_good(struct str secret, const struct token *t)
{
	uint8_t mac[CRYPT_SHA256];

	return crypt_hmac_sha256(secret, t->signed_text, mac) &&
	    crypt_equal((struct str){ (const char *)mac, sizeof(mac) },
		t->signature);
}

/* JWS has r and s side by side; OpenSSL wants them in DER. */
static struct str
der_of(struct arena *mem, struct str raw)
{
	const unsigned char *p = (const unsigned char *)raw.p;
	unsigned char *der = arena_alloc(mem, 2 * P256 + 16), *end = der;
	ECDSA_SIG *pair;
	BIGNUM *r, *s;
	int n = 0;

	if (!der || raw.n != 2 * P256)
		return STR("");
	pair = ECDSA_SIG_new();
	r = BN_bin2bn(p, P256, NULL);
	s = BN_bin2bn(p + P256, P256, NULL);
	if (pair && r && s && ECDSA_SIG_set0(pair, r, s) == 1) {
		n = i2d_ECDSA_SIG(pair, &end);
	} else {
		BN_free(r);
		BN_free(s);
	}
	ECDSA_SIG_free(pair);
	return (struct str){ (const char *)der, n > 0 ? (size_t)n : 0 };
}

static bool
is_signature_good(struct arena *mem, const struct key *k, const struct token *t)
{
	EVP_MD_CTX *verifier = EVP_MD_CTX_new();
	struct str signature = t->signature;
	bool good;

	if (k->algorithm->read == read_p256)
		signature = der_of(mem, signature);
	good = verifier && signature.n &&
	    EVP_DigestVerifyInit_ex(verifier, NULL, k->algorithm->digest, NULL,
		NULL, k->key, NULL) == 1 &&
	    EVP_DigestVerify(verifier, (const unsigned char *)signature.p,
		signature.n, (const unsigned char *)t->signed_text.p,
		t->signed_text.n) == 1;
	EVP_MD_CTX_free(verifier);
	ERR_clear_error();
	return good;
}

/* The only key of that algorithm; NULL if there are none or several. */
static const struct key *
find_only(const struct jose_set *set, struct str algorithm)
{
	const struct key *found = NULL;

	for (size_t i = 0; i < set->n; i++) {
		if (!is_name_of(set->keys[i].algorithm, algorithm))
			continue;
		if (found)
			return NULL;
		found = &set->keys[i];
	}
	return found;
}

static bool
is_known(struct str algorithm)
{
	for (size_t i = 0; i < ARRAY_LEN(algorithms); i++)
		if (is_name_of(&algorithms[i], algorithm))
			return true;
	return false;
}

static enum jose_verdict
verify_by_set(struct arena *mem, const struct token *t, struct str algorithm,
    const struct jose_set *set, const char **problem)
{
	const struct json *kid = json_get(t->head, "kid");
	const struct key *key = NULL;

	*problem = "a token of an unsupported algorithm";
	if (!is_known(algorithm))
		return JOSE_REFUSED;
	*problem = "a token whose kid is not a string";
	if (kid && !json_is(kid, JSON_TEXT))
		return JOSE_REFUSED;
	*problem = "a token of an unknown key";
	if (set)
		key = kid ? find_named(set, json_text(kid))
			  : find_only(set, algorithm);
	if (!key)
		return JOSE_UNKNOWN_KEY;
	*problem = "a token whose algorithm does not match its key";
	if (!is_name_of(key->algorithm, algorithm))
		return JOSE_REFUSED;
	*problem = "a token with a wrong signature";
	return is_signature_good(mem, key, t) ? JOSE_GOOD : JOSE_REFUSED;
}

enum jose_verdict
jose_verify(struct arena *mem, struct str token, const struct jose_trust *trust,
    const struct json **claims, const char **problem)
{
	struct token t = { 0 };
	enum jose_verdict verdict = JOSE_REFUSED;
	struct str algorithm;

	*claims = NULL;
	*problem = read_token(mem, token, &t);
	if (*problem)
		return JOSE_REFUSED;
	algorithm = json_text(json_get(t.head, "alg"));
	if (trust->secret.n >= JOSE_SECRET_MIN &&
	    str_eq(algorithm, STR("HS256"))) {
		*problem = "a token with a wrong signature";
		if (is_mac_good(trust->secret, &t))
			verdict = JOSE_GOOD;
	} else {
		verdict =
		    verify_by_set(mem, &t, algorithm, trust->set, problem);
	}
	if (verdict != JOSE_GOOD)
		return verdict;
	*claims = t.claims;
	*problem = NULL;
	return JOSE_GOOD;
}
