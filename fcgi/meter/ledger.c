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

static struct tally_entry *
wait_for_room(const struct service *service, const uint8_t name[TALLY_NAME])
{
	const struct timespec nap = { .tv_nsec = NAP_MS * NS_PER_MS };
	struct tally_entry *entry = NULL;

	/* Once is enough: what it writes down leaves every entry free. */
	chore_hurry(service);
	for (int i = 0; !entry && i < NAPS; i++) {
		nanosleep(&nap, NULL);
		entry = tally_enter(service->tally, name);
	}
	return entry;
}

enum err
ledger_reserve(struct req *r, const struct caller *caller, enum mode mode,
    int32_t day)
{
	struct book_name name = {
		.user = caller->tenant.user,
		.day = day,
		.mode = mode,
	};
	uint8_t bytes[TALLY_NAME];

	if (caller->kind == CREDENTIAL_KEY)
		name.key = caller->id;
	memcpy(bytes, &name, sizeof(bytes));
	r->tally = tally_enter(r->service->tally, bytes);
	if (!r->tally)
		r->tally = wait_for_room(r->service, bytes);
	if (r->tally)
		return OK;
	return fail(r, E_UNAVAILABLE, "no room to note what is used");
}

void
ledger_note(struct req *r, enum ledger_outcome outcome, uint64_t credits,
    uint64_t bytes_in, uint64_t bytes_out)
{
	uint64_t counts[TALLY_COUNTERS] = {
		[BOOK_CREDITS] = credits,
		[BOOK_BYTES_IN] = bytes_in,
		[BOOK_BYTES_OUT] = bytes_out,
	};

	counts[outcome] = 1;
	tally_add(r->tally, counts);
}
