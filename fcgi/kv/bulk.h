/*
 * bulk: what the rows of the route table call for many keys at once.
 *
 * Owns:   nothing.
 * Not:    the table: that is routes.c.
 * Limit:  none.
 */
#ifndef IO7_FCGI_KV_BULK_H
#define IO7_FCGI_KV_BULK_H

#include "fcgi/http/req.h"

enum err bulk_batch(struct req *) MUST_CHECK;  /* bulk_batch.c */
enum err bulk_export(struct req *) MUST_CHECK; /* bulk_export.c */
enum err bulk_import(struct req *) MUST_CHECK; /* bulk_import.c */

/* What so many operations cost beyond the first hundred. */
enum { BULK_OPS_A_CREDIT = 100 };

#endif
