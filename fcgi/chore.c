/*
 * Logging and wake-ups of chores. An eventfd counts the wake-ups, so that none
 * is lost while the process works.
 */
#include "fcgi/chore.h"

#include "fcgi/pools.h"
#include "lib/os/log.h"

#include <errno.h>
#include <unistd.h>

void
chore_hurry(const struct service *service, const struct pool *pool)
{
	const uint64_t once = 1;

	if (write(service->wake[pool_number(pool)], &once, sizeof(once)) < 0)
		log_event(LOG_WARN, "wake", "%s: %s", pool->name,
		    strerror(errno));
}

void
chore_log(struct chore_trouble *t, enum err e, const char *why)
{
	if (e != OK && !t->is_there)
		log_event(LOG_WARN, t->begins, "%s", why);
	if (e == OK && t->is_there)
		log_event(LOG_INFO, t->ends, "%s", t->relief);
	t->is_there = e != OK;
}
