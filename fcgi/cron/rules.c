/*
 * The words.
 */
#include "fcgi/cron/rules.h"

const char *const cron_overlaps[] = { "skip", "queue", "parallel", NULL };
const char *const cron_catch_ups[] = { "none", "one", "all", NULL };
const char *const cron_statuses[] = { "queued", "running", "ok", "failed",
	"missed", "skipped", "out_of_credits", NULL };
const char *const cron_triggers[] = { "schedule", "manual", "catch_up",
	"heartbeat", NULL };

int
cron_word(const char *const *list, struct str word)
{
	for (int i = 0; list[i]; i++)
		if (str_eq(word, str_of(list[i])))
			return i;
	return -1;
}
