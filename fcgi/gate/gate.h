/*
 * gate: what must be true before a handler runs.
 *
 * Owns:   the order of the checks.
 * Not:    the checks of one room's own rules.
 * Limit:  none.
 */
#ifndef IO7_FCGI_GATE_GATE_H
#define IO7_FCGI_GATE_GATE_H

#include "fcgi/http/req.h"

/*
 * Everything that the route's row needs, or the error of the first lack. Where
 * the answer has a status already, it was given before, and no handler runs.
 */
enum err gate_pass(struct req *) MUST_CHECK;

/* The answer is settled: what the request used is written down. */
void gate_leave(struct req *, int status);

#endif
