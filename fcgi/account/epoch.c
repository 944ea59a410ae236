/*
 * Epochs. See the header for when they change.
 */
#include "fcgi/account/epoch.h"

void
epoch_key(const uint8_t id[CRYPT_SHA256], char to[EPOCH_KEY])
{
	memcpy(to, "io7e", 4);
	crypt_hex(id, CRYPT_SHA256, to + 4);
}
