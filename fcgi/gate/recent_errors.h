/*
 * recent_errors: the last errors of each account, for its developers.
 *
 * Owns:   io7.recent_errors, and the way there: each worker puts errors into
 *         its error buffer, and a chore writes the buffers to the table each
 *         second.
 * Not:    the log, which is for operators and more detailed; nor the ledger,
 *         which counts every request.
 * Limit:  ERRORS_KEPT per account and mode, for ERRORS_DAYS days; a buffer
 *         takes ERROR_BUFFER_PER_OWNER different errors of an account per
 *         second. Best effort: if the flusher is killed, the errors of a second
 *         may be counted twice; errors that are added after its last run are
 *         lost.
 */
#ifndef IO7_FCGI_GATE_RECENT_ERRORS_H
#define IO7_FCGI_GATE_RECENT_ERRORS_H

#include "fcgi/db/list.h"
#include "lib/json/member.h"

enum { ERRORS_KEPT = 50, ERRORS_DAYS = 7, ERRORS_SHOWN = 20 };

/* Records the error of an answer, if the credential's owner is known. */
void errors_note(const struct req *, int status);

/* The chores: write the workers' buffers to the table; delete old rows. */
void errors_flush(const struct service *, struct arena *);
void errors_expire(const struct service *, struct arena *);

/* A row of the table, whichever statement it comes from. */
struct error_line {
	struct uuid id;
	int64_t at, times;
	struct str mode, method, route, code, request_id;
	int32_t status;
	struct opt_uuid key; /* absent: a session or a token */
	struct str key_prefix, key_last4, key_label; /* without p: deleted */
};

#define ERROR_LINE(row)                                                        \
	(struct error_line)                                                    \
	{                                                                      \
		(row)->error_id, (row)->last_at, (row)->times, (row)->mode,    \
		    (row)->method, (row)->route, (row)->code,                  \
		    (row)->request_id, (row)->error_status, (row)->api_key_id, \
		    (row)->key_prefix, (row)->key_last4, (row)->key_label      \
	}

/* As a JSON object. */
void error_json(struct buf *, const struct error_line *);

/* An account's recent errors; filter: mode. */
extern const struct list list_of_errors;

#endif
