/*
 * What chores share. The janitor's eventfd counts, so no call is lost while it
 * works.
 */
#include "fcgi/chore.h"

#include "lib/os/log.h"

#include <errno.h>
#include <unistd.h>

void
chore_hurry(const struct service *service)
{
	const uint64_t once = 1;

	if (write(service->nudge, &once, sizeof(once)) < 0)
		log_event(LOG_WARN, "nudge", "%s", strerror(errno));
}

void
chore_tell(struct chore_trouble *t, enum err e, const char *why)
{
	if (e != OK && !t->is_there)
		log_event(LOG_WARN, t->begins, "%s", why);
	if (e == OK && t->is_there)
		log_event(LOG_INFO, t->ends, "%s", t->relief);
	t->is_there = e != OK;
}
