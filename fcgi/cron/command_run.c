/*
 * Runs commands, and keeps their output.
 */
#include "fcgi/cron/command_impl.h"

#include "fcgi/transform/jq.h"
#include "lib/sandbox/sandbox.h"

#define RECORD_NS NS_PER_S

/* The length of the printable character at the front; 0: it is none. */
static size_t
printable(struct str text)
{
	size_t n = str_utf8_step(text);

	return n && str_has_control((struct str){ text.p, n }, true) ? 0 : n;
}

void
cron_print(struct cron_run *run, struct str text)
{
	struct cron_output *out = run->out;

	while (text.n && !out->is_cut) {
		size_t n = printable(text);
		struct str part =
		    n ? (struct str){ text.p, n } : STR("\xEF\xBF\xBD");

		if (out->text.n + part.n > CRON_OUTPUT_MAX)
			out->is_cut = true;
		else
			buf_str(&out->text, part);
		out->is_cut = out->is_cut || out->text.failed;
		n = n ? n : 1;
		text.p += n;
		text.n -= n;
	}
	if (out->progress)
		out->progress(out->to, out);
}

void
cron_printf(struct cron_run *run, const char *format, ...)
{
	struct buf b;
	va_list args;

	buf_init(&b, run->work->mem);
	va_start(args, format);
	buf_vprintf(&b, format, args);
	va_end(args);
	cron_print(run, buf_view(&b));
}

enum work_outcome
cron_fail(struct cron_run *run, enum work_outcome outcome, const char *why)
{
	run->work->why = why;
	return outcome;
}

int64_t
cron_deadline_ns(const struct cron_run *run)
{
	return run->work->deadline_ns - RECORD_NS;
}

/* The runner has reported a kernel without filters. */
void
cron_command_confine(const struct service *service,
    const struct cron_command *command)
{
	if (command->verb == CRON_KV_TRANSFORM)
		transform_process.open(service->conf);
	(void)!sandbox_filter();
}

enum work_outcome
cron_command_run(struct work *work, const struct cron_command *command,
    const struct cron_caller *who, struct cron_output *out)
{
	struct cron_run run = { work, command, who, out };

	switch (command->verb) {
	case CRON_HTTP:
		return cron_run_http(&run);
	case CRON_KV_TRANSFORM:
		return cron_run_kv(&run);
	case CRON_SQL:
		return cron_run_sql(&run);
	case CRON_HEARTBEAT:
		break;
	}
	return cron_fail(&run, WORK_REFUSED, "A heartbeat is not run.");
}
