/*
 * jqx: runs untrusted jq programs, each run in a process of its own.
 *
 * Owns:   zygotes: processes that have compiled one program and fork for each
 *         run, one run ahead. A new program replaces the least recently used
 *         zygote.
 * Not:    the worker's address space: it never compiles or runs a program.
 * Limit:  one run at a time; JQX_PROGRAM_MAX bytes of program; time, memory and
 *         output from jqx_new(), for the compiler and for each run.
 */
#ifndef IO7_LIB_JQ_JQX_H
#define IO7_LIB_JQ_JQX_H

#include "lib/base/err.h"
#include "lib/base/str.h"

#include <poll.h>

enum { JQX_PROGRAM_MAX = 64 * 1024 };

/* The argv[0] that makes this program a zygote. */
#define JQX_ZYGOTE "io7-jq"

/* The main() of a zygote. */
void jqx_zygote(void) NORETURN;

/*
 * Forks a process that starts zygotes, for a worker whose own filter will not
 * let it start processes. It keeps only one end of a socket open and exits when
 * the other end, which is returned, is closed. -1 with errno.
 */
int jqx_spawner(void) MUST_CHECK;

struct jqx_options {
	int64_t wall_ns;
	uint64_t memory, output; /* bytes, of a run */
	size_t programs;         /* kept compiled */
};

struct jqx;

/* Takes over the socket of the spawner. Start-up only: dies without memory. */
struct jqx *jqx_new(int spawner, const struct jqx_options *);
void jqx_free(struct jqx *);

enum jqx_state {
	JQX_WAIT,   /* poll jqx_poll() until jqx_deadline() */
	JQX_OUTPUT, /* a JSON text, valid until the next call */
	JQX_DONE,
	JQX_FAILED,
};

/* Begins a run. Both texts must stay valid until jqx_end(). */
void jqx_begin(struct jqx *, struct str program, struct str value);
/* The next event; never blocks. */
enum jqx_state jqx_next(struct jqx *, struct str *output);
/* The descriptor and events to wait for. */
struct pollfd jqx_poll(const struct jqx *);
int64_t jqx_deadline(const struct jqx *);
/*
 * Why the run failed, with a public sentence that is valid until jqx_end().
 * E_BAD_REQUEST with the message of jq, E_TIMEOUT, E_TOO_LARGE, E_UNAVAILABLE.
 */
enum err jqx_fault(const struct jqx *, const char **sentence);
/* The spawner has exited: only compiled programs can still run. */
bool jqx_is_orphaned(const struct jqx *);
/* Readable once the spawner has exited; -1: it is closed already. */
int jqx_spawner_socket(const struct jqx *);
/* Ends the run, complete or not. To be called after each run. */
void jqx_end(struct jqx *);

#endif
