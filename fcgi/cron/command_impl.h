/*
 * command_impl: one run of a command, for the files that run commands.
 */
#ifndef IO7_FCGI_CRON_COMMAND_IMPL_H
#define IO7_FCGI_CRON_COMMAND_IMPL_H

#include "fcgi/cron/command.h"

struct cron_run {
	struct work *work;
	const struct cron_command *command;
	const struct cron_caller *who;
	struct cron_output *out;
};

/*
 * Appends to the output, and cuts it at its limit. Bytes that are no printable
 * UTF-8 become U+FFFD.
 */
void cron_print(struct cron_run *, struct str);
void cron_printf(struct cron_run *, const char *format, ...) PRINTF_LIKE(2, 3);

/* Sets the sentence of a failure; returns the outcome. */
enum work_outcome cron_fail(struct cron_run *, enum work_outcome,
    const char *why);
/* For text_printf(). */
#define CRON_NO_MEMORY "There is no memory for a sentence."

/* The deadline of the attempt, with time left to record its outcome. */
int64_t cron_deadline_ns(const struct cron_run *);

enum work_outcome cron_run_http(struct cron_run *); /* command_http.c */
enum work_outcome cron_run_kv(struct cron_run *);   /* command_kv.c */
enum work_outcome cron_run_sql(struct cron_run *);  /* command_sql.c */

#endif
