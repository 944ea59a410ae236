/*
 * The doctor's check of the keys that encrypt stored secrets.
 */
#include "fcgi/ops/doctor.h"

#include "fcgi/options.h"
#include "lib/crypto/seal.h"

void
doctor_secrets(struct doctor *d, enum mode unused, struct finding *f)
{
	unsigned newest = seal_newest(str_of(d->opts->seal_keys));

	(void)unused;
	if (newest)
		find(f, VERDICT_OK, "encrypted with key %u", newest);
	else
		find(f, VERDICT_WARN,
		    "requests of cron jobs are not signed, and no token of a"
		    " database service can be stored: set IO7_SEAL_KEYS_FILE");
}
