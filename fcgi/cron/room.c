/*
 * The room cron: jobs that run at scheduled times.
 */
#include "fcgi/room.h"

#include "fcgi/cron/command.h"
#include "fcgi/cron/handlers.h"
#include "fcgi/cron/job.h"
#include "fcgi/cron/kinds.h"
#include "fcgi/cron/options.h"
#include "fcgi/cron/run_queue.h"
#include "fcgi/cron/secret_http.h"
#include "fcgi/userdb/pool.h"

/* They may wait for the user's database. */
#define JOBS .pool = &userdb_pools[USERDB_REQUESTS]

static const struct route routes[] = {
	{ GET, "/api/cron/jobs", NEED_READ, 0, 0, cron_get_jobs,
	    .about = "lists the jobs, with their state",
	    .query = "limit cursor", JOBS },
	{ POST, "/api/cron/jobs", NEED_WRITE, 0, ROUTE_BODY, cron_post_job,
	    .about = "creates a job", JOBS },
	{ GET, "/api/cron/jobs/:job_id", NEED_READ, 0, 0, cron_get_job,
	    .about = "returns a job", JOBS },
	{ PATCH, "/api/cron/jobs/:job_id", NEED_WRITE, 0, ROUTE_BODY,
	    cron_patch_job, .about = "changes, pauses or resumes a job", JOBS },
	{ DELETE, "/api/cron/jobs/:job_id", NEED_WRITE, 0, 0, cron_delete_job,
	    .about = "deletes a job", JOBS },
	{ POST, "/api/cron/jobs/:job_id/run", NEED_WRITE, 0, 0, cron_post_run,
	    .about = "runs a job now", JOBS },
	{ GET, "/api/cron/jobs/:job_id/runs", NEED_READ, 0, 0, cron_get_runs,
	    .about = "lists the runs of a job, newest first",
	    .query = "status cursor limit" },
	{ GET, "/api/cron/runs/:run_id", NEED_READ, 0, 0, cron_get_run,
	    .about = "returns a run with its output" },
	{ GET, "/api/cron/runs/:run_id/stream", NEED_READ | NEED_STREAM, 0, 0,
	    cron_get_run_stream, .about = "follows a run until it ends",
	    .pool = &stream_pool },
	{ GET, "/api/cron/preview", NEED_READ, 0, 0, cron_get_preview,
	    .about = "returns the next times of a schedule",
	    .query = "schedule timezone count", .is_check = true },
	{ POST, "/api/cron/heartbeats/:job_name", NEED_WRITE, 1, 0,
	    cron_post_heartbeat, .about = "records that a job ran elsewhere" },
	{ GET, "/api/cron/secret", NEED_ADMIN, 0, 0, cron_get_secret,
	    .about = "returns the secret that signs requests of jobs" },
	{ POST, "/api/cron/secret/rotate", NEED_ADMIN, 0, ROUTE_BODY,
	    cron_post_secret_rotation,
	    .about = "replaces the secret that signs requests of jobs" },
};

static const struct room_limit limits[] = {
	{ LIMITS_CRON, "Jobs", "account and mode", JOBS_MAX, "jobs",
	    .err = E_CONFLICT },
	{ LIMITS_CRON, "Length of a command", "job", CRON_COMMAND_MAX, "bytes",
	    .err = E_BAD_REQUEST, .field = "command" },
	{ LIMITS_CRON, "Duration of an attempt", "run",
	    .option = "IO7_CRON_TIMEOUT", .unit = "seconds",
	    .effect = "it fails" },
	{ LIMITS_CRON, "Retries of a failed run", "job", JOB_RETRIES_MAX,
	    "retries", .err = E_BAD_REQUEST, .field = "retries" },
	{ LIMITS_CRON, "Runs that have not ended", "job", DECIDE_ACTIVE, "runs",
	    .effect = "later runs are skipped" },
	{ LIMITS_CRON, "Missed runs that are listed one by one", "job",
	    DECIDE_LISTED, "runs",
	    .effect = "one row counts the earlier ones" },
	{ LIMITS_CRON, "Runs in the history", "job", RUNS_KEPT, "runs",
	    .effect = "the oldest are deleted" },
	{ LIMITS_CRON, "Runs in the history of all jobs", "account and mode",
	    ACCOUNT_RUNS_KEPT, "runs", .effect = "the oldest are deleted" },
	{ LIMITS_CRON, "Age of a run in the history", "run",
	    .option = "IO7_CRON_HISTORY", .unit = "seconds",
	    .effect = "it is deleted" },
	{ LIMITS_CRON, "Output of a run", "run", CRON_OUTPUT_MAX, "bytes",
	    .effect = "the rest is cut" },
	{ LIMITS_CRON, "Outputs of all runs", "account",
	    .option = "IO7_CRON_OUTPUT_MAX", .unit = "bytes",
	    .effect = "the oldest are dropped" },
};

static const struct chore chores[] = {
	{ "cron-due", .about = "queues runs of jobs that are due",
	    .every_ns = NS_PER_S, .run = cron_tick, .pool = &runner_pool },
	{ "cron-compare", .about = "queues comparisons of jobs with the index",
	    .every_ns = 2 * NS_PER_S, .run = cron_compare },
	{ "cron-prune", .about = "deletes old runs and large outputs",
	    .every_ns = 20 * NS_PER_S, .run = cron_prune },
};

static const struct step steps[] = {
	{ "cron", NULL, cron_undo_step },
};

static const struct room_page pages[] = {
	{ "/dashboard/cron", "Cron" },
};

const struct room cron_room = {
	.name = "cron",
	.options = &cron_options,
	.routes = { ROWS(routes) },
	.limits = { ROWS(limits) },
	.chores = { ROWS(chores) },
	.steps = { ROWS(steps) },
	.kinds = { ROWS(cron_kinds) },
	.pages = { ROWS(pages) },
};
