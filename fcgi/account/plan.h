/*
 * plan: what an account may use, as it is shown.
 *
 * Owns:   nothing; the plans stand in the database.
 * Not:    holding anybody to it: that is the meter's.
 * Limit:  none.
 */
#ifndef IO7_FCGI_ACCOUNT_PLAN_H
#define IO7_FCGI_ACCOUNT_PLAN_H

#include "fcgi/identity/principal.h"

struct plan_list_row;

/* As JSON objects, one of the list and a caller's own. */
void plan_json(struct buf *, const struct plan_list_row *);
void plan_json_of(struct buf *, const struct plan *);

#endif
