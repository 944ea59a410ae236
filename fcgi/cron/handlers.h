/*
 * handlers: the handlers of cron jobs, and their background work.
 */
#ifndef IO7_FCGI_CRON_HANDLERS_H
#define IO7_FCGI_CRON_HANDLERS_H

#include "fcgi/http/req.h"
#include "fcgi/step.h"

/* job_list.c */
enum err cron_get_jobs(struct req *);
enum err cron_get_job(struct req *);

/* job_edit.c */
enum err cron_post_job(struct req *);
enum err cron_patch_job(struct req *);
enum err cron_delete_job(struct req *);

/* preview.c */
enum err cron_get_preview(struct req *);

/* history.c */
enum err cron_get_runs(struct req *);
enum err cron_get_run(struct req *);
/* run_stream.c */
enum err cron_get_run_stream(struct req *);

/* run_now.c */
enum err cron_post_run(struct req *);

/* heartbeat.c */
enum err cron_post_heartbeat(struct req *);

/* tick.c, compare.c, prune.c: chores */
void cron_tick(const struct service *, struct arena *);
void cron_compare(const struct service *, struct arena *);
void cron_prune(const struct service *, struct arena *);

/* due.c: the step of a signup, which is undone. */
enum err cron_undo_step(struct signup *);

#endif
