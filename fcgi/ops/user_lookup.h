/*
 * user_lookup: the user whom an operator's words mean, as commands show one.
 *
 * Owns:   nothing.
 * Not:    a user's data; see tenant.
 * Limit:  none.
 */
#ifndef IO7_FCGI_OPS_USER_LOOKUP_H
#define IO7_FCGI_OPS_USER_LOOKUP_H

#include "fcgi/ops/ops_db.h"

struct user_list_row;

/*
 * By id, schema, GitHub username or local name; ends the process where that is
 * nobody, or two.
 */
const struct user_list_row *user_lookup_find(struct ops_db *, const char *who);
const struct user_list_row *user_lookup_by_id(struct ops_db *, struct uuid);

/* A line for people, and the members of a JSON object without its braces. */
void user_lookup_print_head(void);
void user_lookup_print(const struct user_list_row *);
void user_lookup_json(struct buf *, const struct user_list_row *);

/* Writes a buffer to standard output, and ends the process where it failed. */
void user_lookup_flush(struct buf *);

#endif
