/*
 * Waking the janitor. Its eventfd counts, so no call is lost while it works.
 */
#include "fcgi/chore.h"

#include "lib/log.h"

#include <errno.h>
#include <unistd.h>

void
chore_hurry(const struct service *service)
{
	const uint64_t once = 1;

	if (write(service->nudge, &once, sizeof(once)) < 0)
		log_event(LOG_WARN, "nudge", "%s", strerror(errno));
}
