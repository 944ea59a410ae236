/*
 * plan: a plan as JSON.
 *
 * Not:    its limits: meter applies them.
 */
#ifndef IO7_FCGI_ACCOUNT_PLAN_H
#define IO7_FCGI_ACCOUNT_PLAN_H

#include "fcgi/identity/principal.h"

struct plan_list_row;

/* A JSON object, of a row of the list, and of a principal's own plan. */
void plan_json(struct buf *, const struct plan_list_row *);
void plan_json_of(struct buf *, const struct plan *);

#endif
