/*
 * The worker's half of the ledger: it notes in shared memory, and never waits
 * for PostgreSQL. Room is found before a request is let in, so that whatever
 * was accepted can be noted.
 */
#include "fcgi/meter/ledger.h"

#include "fcgi/chore.h"
#include "fcgi/meter/usage_record.h"
#include "lib/os/clock.h"

#include <time.h>

enum { NAP_MS = 1, NAPS = 2000 };

static struct usage_journal_entry *
wait_for_room(const struct service *service,
    const uint8_t name[USAGE_JOURNAL_NAME])
{
	const struct timespec nap = { .tv_nsec = NAP_MS * NS_PER_MS };
	struct usage_journal_entry *entry = NULL;

	/* Once is enough: what it writes down leaves every entry free. */
	chore_hurry(service);
	for (int i = 0; !entry && i < NAPS; i++) {
		nanosleep(&nap, NULL);
		entry = usage_journal_enter(service->usage_journal, name);
	}
	return entry;
}

enum err
ledger_reserve(struct req *r, const struct principal *principal, enum mode mode,
    int32_t day)
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
	r->usage_journal =
	    usage_journal_enter(r->service->usage_journal, bytes);
	if (!r->usage_journal)
		r->usage_journal = wait_for_room(r->service, bytes);
	if (r->usage_journal)
		return OK;
	return fail(r, E_UNAVAILABLE, "no room to note what is used");
}

void
ledger_note(struct req *r, enum ledger_outcome outcome, uint64_t credits,
    uint64_t bytes_in, uint64_t bytes_out)
{
	uint64_t counts[USAGE_JOURNAL_COUNTERS] = {
		[USAGE_RECORD_CREDITS] = credits,
		[USAGE_RECORD_BYTES_IN] = bytes_in,
		[USAGE_RECORD_BYTES_OUT] = bytes_out,
	};

	counts[outcome] = 1;
	usage_journal_add(r->usage_journal, counts);
}
