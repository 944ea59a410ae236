/*
 * Metering: what a caller uses is noted, and what is remembered of a caller
 * holds for a second.
 */
#include "fcgi/meter/meter.h"

#include "fcgi/meter/ledger.h"
#include "lib/clock.h"

enum err
meter_enter(struct req *r, const struct credential *credential,
    const struct caller *caller, bool *stale, struct epoch *epoch)
{
	*epoch = (struct epoch){ { 0 } };
	*stale = !caller || clock_mono_ns() - caller->looked_up_ns > NS_PER_S;
	return *stale ? OK
		      : ledger_reserve(r, caller, credential->mode,
			    clock_day(clock_wall_us()));
}

enum err
meter_address(struct req *r)
{
	(void)r;
	return OK;
}

enum err
meter_more(struct req *r, unsigned credits)
{
	(void)r;
	(void)credits;
	return OK;
}

void
meter_leave(struct req *r, int status)
{
	enum ledger_outcome outcome = status >= 500 ? LEDGER_SERVER_ERROR
	    : status >= 400                         ? LEDGER_CLIENT_ERROR
						    : LEDGER_OK;

	ledger_note(r, outcome, status >= 500 ? 0 : r->route->cost, r->body.n,
	    r->answer.sent ? r->bytes_out : r->answer.body.n);
}
