/*
 * history: one run of the caller, for the handlers that read it.
 */
#ifndef IO7_FCGI_CRON_HISTORY_H
#define IO7_FCGI_CRON_HISTORY_H

#include "fcgi/http/req.h"
#include "stmts/cron.h"

/*
 * Reads a run of the caller's account and mode, with its output from a byte on.
 * E_NOT_FOUND for any other run. On failure the request fails, and there is no
 * row.
 */
enum err history_get(struct req *, struct str run_id, int32_t from_byte,
    struct run_get_row **) MUST_CHECK;

#endif
