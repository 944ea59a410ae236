/*
 * command: what a cron job does: parses the text of a command, and runs it.
 *
 *     http METHOD URL [JSON]
 *     kv transform KEY PROGRAM
 *     sql STATEMENT
 *     heartbeat [GRACE]
 *
 * A KEY with spaces is a JSON string. A PROGRAM may be in single quotes. GRACE is
 * a number with s, m, h or d.
 *
 * Not:    when a command runs, and what a run costs.
 * Limit:  CRON_COMMAND_MAX bytes of text, CRON_OUTPUT_MAX bytes of output.
 */
#ifndef IO7_FCGI_CRON_COMMAND_H
#define IO7_FCGI_CRON_COMMAND_H

#include "fcgi/db/door.h"
#include "fcgi/work_kind.h"

enum {
	CRON_COMMAND_MAX = 64 << 10,
	CRON_OUTPUT_MAX = 64 << 10,
	CRON_GRACE_S = 5 * 60, /* of a heartbeat that states none */
	CRON_GRACE_MAX_S = 31 * 24 * 3600,
};

enum cron_verb {
	CRON_HTTP,
	CRON_KV_TRANSFORM,
	CRON_SQL,
	CRON_HEARTBEAT, /* is recorded, and not run */
};

/* Borrows from the text, and from the arena. */
struct cron_command {
	enum cron_verb verb;
	struct str method, url; /* of CRON_HTTP */
	struct str body;        /* JSON; without p: none */
	struct str key, program;
	struct str sql;
	int64_t grace_s;
};

/* E_BAD_REQUEST: *problem is a sentence for the user. */
enum err cron_command_parse(struct arena *, struct str text,
    struct cron_command *, const char **problem) MUST_CHECK;

/*
 * Why the operator's rules refuse a command whatever happens, as a sentence for
 * the user, or NULL. To be asked when a command is stored.
 */
const char *cron_command_refusal(const struct service *,
    const struct cron_command *);

/* The owner of a command, and the run. */
struct cron_caller {
	struct tenant tenant;
	enum mode mode;
	int64_t storage_bytes; /* of the plan */
	struct str run;        /* its id: the same in each attempt */
};

/* The output of a run; the caller initializes the buffer. */
struct cron_output {
	struct buf text; /* UTF-8, at most CRON_OUTPUT_MAX bytes */
	bool is_cut;
	/* Optional: the text has grown. */
	void (*progress)(void *to, const struct cron_output *);
	void *to;
};

/*
 * Prepares the process of a run: starts what the command needs, and gives up the
 * right to start processes.
 */
void cron_command_confine(const struct service *, const struct cron_command *);

/*
 * Runs one attempt, in a process of its own. Of a failure work->why is a sentence
 * for the user; work->pause_us is set if the other side named a time. WORK_LATER:
 * the user's database is on another host.
 */
enum work_outcome cron_command_run(struct work *, const struct cron_command *,
    const struct cron_caller *, struct cron_output *);

#endif
