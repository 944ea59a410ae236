/*
 * jq: runs a jq program on a value, inside or outside of a request.
 *
 * Owns:   jq in this process, from transform_process.open() to its close(). A
 *         process that may not start others opens it before it enters its filter.
 * Limit:  one run at a time; the options of jq.
 */
#ifndef IO7_FCGI_TRANSFORM_JQ_H
#define IO7_FCGI_TRANSFORM_JQ_H

#include "fcgi/room.h"
#include "lib/base/err.h"
#include "lib/base/str.h"

#include <poll.h>

extern const struct room_process transform_process;

struct jq_run {
	struct arena *mem;
	struct str program, value; /* JSON */
	/*
	 * take gets each output, which is valid until it returns; wait waits
	 * until the descriptor is ready or the deadline has passed. False from
	 * either ends the run with E_UNAVAILABLE.
	 */
	bool (*take)(void *to, struct str output);
	bool (*wait)(void *to, struct pollfd, int64_t deadline_ns);
	void *to;

	const char *why; /* of a failure, as a public sentence */
};

/* False: jq_run() fails, whatever the program. */
bool jq_is_open(void);

/*
 * E_BAD_REQUEST: the program. E_TIMEOUT and E_TOO_LARGE: its limits. E_UNAVAILABLE.
 */
enum err jq_run(struct jq_run *) MUST_CHECK;

/* A public warning that jq changes a value that it reads, or NULL. */
const char *jq_warning(struct str value);

/* The error of a program with another number of outputs than one. */
extern const char jq_needs_one_output[];

#endif
