/*
 * recent_errors: what went wrong lately for each account, for its developers to see.
 *
 * Owns:   io7.recent_errors, and how an error gets there: by the notes of its
 *         worker, each second, through the janitor.
 * Not:    the log, which knows more and is the operator's; nor the ledger,
 *         which counts every request: this one may miss some.
 * Limit:  ERRORS_KEPT an account and mode, ERRORS_DAYS days; of an account
 *         NOTES_OF_ONE different ones a worker and second. A janitor that is
 *         killed may count a second twice; when the supervisor goes or becomes
 *         another program, what its workers still note after their janitor's
 *         last look is lost.
 */
#ifndef IO7_FCGI_GATE_RECENT_ERRORS_H
#define IO7_FCGI_GATE_RECENT_ERRORS_H

#include "fcgi/http/req.h"
#include "lib/json/member.h"

enum { ERRORS_KEPT = 50, ERRORS_DAYS = 7, ERRORS_SHOWN = 20 };

/* The answer is settled: notes it where it is an error of somebody we know. */
void errors_note(const struct req *, int status);

/* The chores: write down what all workers have noted, and forget what is old. */
void errors_flush(const struct service *, struct arena *);
void errors_expire(const struct service *, struct arena *);

/* One that is written down, whichever statement it comes from. */
struct error_line {
	struct uuid id;
	int64_t at, times;
	struct str mode, method, route, code, request_id;
	int32_t status;
	struct opt_uuid key; /* absent: a session's or a token's */
	struct str key_prefix, key_last4, key_label; /* without p: it is gone */
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

#endif
