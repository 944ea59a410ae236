/*
 * rules: the words of jobs and runs, and their numbers.
 */
#ifndef IO7_FCGI_CRON_RULES_H
#define IO7_FCGI_CRON_RULES_H

#include "lib/base/str.h"

enum cron_overlap { OVERLAP_SKIP, OVERLAP_QUEUE, OVERLAP_PARALLEL };
enum cron_catch_up { CATCH_UP_NONE, CATCH_UP_ONE, CATCH_UP_ALL };

enum cron_status {
	RUN_QUEUED,
	RUN_RUNNING,
	RUN_OK,
	RUN_FAILED,
	RUN_MISSED,
	RUN_SKIPPED,
	RUN_OUT_OF_CREDITS,
};

enum cron_trigger {
	TRIGGER_SCHEDULE,
	TRIGGER_MANUAL,
	TRIGGER_CATCH_UP,
	TRIGGER_HEARTBEAT,
};

/* By number; each list ends with NULL. */
extern const char *const cron_overlaps[], *const cron_catch_ups[];
extern const char *const cron_statuses[], *const cron_triggers[];

/* The number of a word in one of the lists, or -1. */
int cron_word(const char *const *list, struct str word);

#endif
