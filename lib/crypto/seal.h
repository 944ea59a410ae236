/*
 * seal: encrypts secrets that are stored in a database.
 *
 * By AES-256-GCM under a numbered key. The name of the row is authenticated, so
 * that a sealed secret cannot be moved to another row.
 *
 * Owns:   no key: the caller passes the text of a key file, with a line
 *         "NUMBER HEX" for each key, of 64 digits.
 * Limit:  SEAL_SECRET_MAX bytes of a secret.
 */
#ifndef IO7_LIB_CRYPTO_SEAL_H
#define IO7_LIB_CRYPTO_SEAL_H

#include "lib/base/err.h"
#include "lib/base/str.h"

enum { SEAL_SECRET_MAX = 8192 };

/* For conf_option.check: what is wrong with a key file, or NULL. */
const char *seal_keys_problem(const char *text);

/* The highest number of a key, which seals; 0: there is none. */
uint32_t seal_newest(struct str keys);
/* The number of the key that sealed it; 0: it is malformed. */
uint32_t seal_number(struct str sealed);

/*
 * Appends the sealed secret: "NUMBER:" and hexadecimal digits. E_UNAVAILABLE:
 * there is no key. E_TOO_LARGE: the secret, or for the buffer.
 */
enum err seal_secret(struct str keys, struct str name, struct str secret,
    struct buf *) MUST_CHECK;
/*
 * Appends the secret. E_UNAVAILABLE: its key is not in the file. E_INTERNAL:
 * it is malformed, was changed, or belongs to another name.
 */
enum err seal_open(struct str keys, struct str name, struct str sealed,
    struct buf *) MUST_CHECK;

#endif
