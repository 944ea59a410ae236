/*
 * plan: a plan as JSON.
 *
 * Not:    its limits: meter applies them.
 */
#ifndef IO7_FCGI_ACCOUNT_PLAN_H
#define IO7_FCGI_ACCOUNT_PLAN_H

#include "fcgi/identity/principal.h"

struct plan_list_row;

/* Writes a plan as a JSON object: a row of the list, or a principal's plan. */
void plan_json(struct buf *, const struct plan_list_row *);
void plan_json_of(struct buf *, const struct plan *);

#endif
