/*
 * The worker's half of the ledger. It counts in shared memory and never waits
 * for PostgreSQL. The journal entry is reserved before a request is admitted,
 * so that every admitted request is recorded.
 */
#include "fcgi/meter/ledger.h"

#include "fcgi/chore.h"
#include "fcgi/meter/usage_record.h"
#include "fcgi/pools.h"
#include "lib/os/clock.h"
#include "lib/shm/usage_journal.h"

#include <time.h>

enum { NAP_MS = 1, NAPS = 2000 };

static struct usage_journal_entry *
wait_for_entry(const struct service *service,
    const uint8_t name[USAGE_JOURNAL_NAME])
{
	struct usage_journal_entry *entry = NULL;

	/* Once is enough: a flush frees every entry. */
	chore_hurry(service, &flusher_pool);
	for (int i = 0; !entry && i < NAPS; i++) {
		clock_sleep(NAP_MS * NS_PER_MS);
		entry = usage_journal_enter(service->usage_journal, name);
	}
	return entry;
}

enum err
ledger_reserve(struct req *r, const struct principal *principal, enum mode mode,
    int32_t day, struct usage_journal_entry **entry)
{
	struct usage_record_name name = {
		.user = principal->tenant.user,
		.day = day,
		.mode = mode,
	};
	uint8_t bytes[USAGE_JOURNAL_NAME];

	if (principal->kind == CREDENTIAL_KEY)
		name.key = principal->id;
	memcpy(bytes, &name, sizeof(bytes));
	*entry = usage_journal_enter(r->service->usage_journal, bytes);
	if (!*entry)
		*entry = wait_for_entry(r->service, bytes);
	return *entry ? OK
		      : fail(r, E_UNAVAILABLE, "the usage journal is full");
}

void
ledger_note(struct usage_journal_entry *entry, enum ledger_outcome outcome,
    uint64_t credits, uint64_t bytes_in, uint64_t bytes_out)
{
	uint64_t counts[USAGE_JOURNAL_COUNTERS] = {
		[USAGE_RECORD_CREDITS] = credits,
		[USAGE_RECORD_BYTES_IN] = bytes_in,
		[USAGE_RECORD_BYTES_OUT] = bytes_out,
	};

	counts[outcome] = 1;
	usage_journal_add(entry, counts);
}
