/*
 * The room work: the options of queued work, its limits, and its sweep.
 */
#include "fcgi/room.h"

#include "fcgi/work/depths.h"
#include "fcgi/work/options.h"
#include "fcgi/work/sweep.h"
#include "fcgi/work/work.h"

static const struct room_limit limits[] = {
	{ LIMITS_WORK, "Size of the arguments", "item", WORK_ARGS_MAX, "bytes",
	    .effect = "it is not queued" },
	{ LIMITS_WORK, "Duration of an item that runs in the runner itself",
	    "item", WORK_HERE_NS / NS_PER_S, "seconds",
	    .effect = "the runner is replaced, and the item tried again" },
	{ LIMITS_WORK, "Items at once, each in a process of its own", "runner",
	    .option = "IO7_RUNNER_PROCESSES", .unit = "items",
	    .effect = "others wait" },
	{ LIMITS_WORK, "Finished items that are kept", "installation",
	    .option = "IO7_WORK_DONE_MAX", .unit = "items",
	    .effect = "older ones are deleted" },
	{ LIMITS_WORK, "Failed items that are kept", "installation",
	    .option = "IO7_WORK_DEAD_MAX", .unit = "items",
	    .effect = "older ones are deleted" },
};

static const struct chore chores[] = {
	{ "work-sweep", .about = "deletes old items of the queue",
	    .every_ns = 10 * NS_PER_S, .run = work_sweep },
	{ "work-depths", .about = "counts the items of the queue for metrics",
	    .every_ns = 5 * NS_PER_S, .run = work_count_depths },
};

static const struct step steps[] = {
	{ "work", NULL, work_delete_user },
};

const struct room work_room = {
	.name = "work",
	.options = &work_options,
	.limits = { ROWS(limits) },
	.chores = { ROWS(chores) },
	.steps = { ROWS(steps) },
};
