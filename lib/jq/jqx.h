/*
 * jqx: jq programs of strangers over values of theirs, each in a process of
 * its own.
 *
 * Owns:   the zygotes: processes that have one program compiled and fork for
 *         each run; the least used one gives way to the next program.
 * Not:    trust: no program is compiled or run in the process that asks.
 * Limit:  one run at a time; JQX_PROGRAM_MAX bytes of program; time, memory
 *         and output as jqx_new() was told, for the compiler and for each run.
 */
#ifndef IO7_LIB_JQ_JQX_H
#define IO7_LIB_JQ_JQX_H

#include "lib/base/err.h"
#include "lib/base/str.h"

#include <poll.h>

enum { JQX_PROGRAM_MAX = 64 * 1024 };

/* The name under which this program is executed as a zygote. */
#define JQX_ZYGOTE "io7-jq"

/* main() of a zygote, which argv[0] tells. */
void jqx_zygote(void) NORETURN;

/*
 * A process that starts zygotes, for one that soon may start nothing any more.
 * It keeps nothing open but the socket that is returned, and ends with it. -1
 * with errno.
 */
int jqx_spawner(void) MUST_CHECK;

struct jqx_options {
	int64_t wall_ns;
	uint64_t memory, output; /* bytes, of a run */
	size_t programs;         /* kept compiled */
};

struct jqx;

/* The nursery's socket is jqx's from now on. Dies without memory. */
struct jqx *jqx_new(int spawner, const struct jqx_options *);
void jqx_free(struct jqx *);

enum jqx_state {
	JQX_WAIT,   /* for jqx_poll(), until jqx_deadline() at most */
	JQX_OUTPUT, /* a JSON text, until the next call */
	JQX_DONE,
	JQX_FAILED,
};

/* Begins a run. Both texts have to live until it is over. */
void jqx_begin(struct jqx *, struct str program, struct str value);
/* What comes next, without waiting for it. */
enum jqx_state jqx_next(struct jqx *, struct str *output);
/* What it waits for. */
struct pollfd jqx_poll(const struct jqx *);
int64_t jqx_deadline(const struct jqx *);
/*
 * Why it failed, as long as the run: E_BAD_REQUEST with jq's own words,
 * E_TIMEOUT, E_TOO_LARGE, E_UNAVAILABLE.
 */
enum err jqx_fault(const struct jqx *, const char **sentence);
/* The nursery has gone: known programs still run, but no other. */
bool jqx_is_orphaned(const struct jqx *);
/* To be watched for its end; -1: it is over, or never was. */
int jqx_nursery_socket(const struct jqx *);
/* Ends the run, wherever it stands; to be called after each. */
void jqx_end(struct jqx *);

#endif
