/*
 * user_lookup: finds the user that a command names, and prints users.
 */
#ifndef IO7_FCGI_OPS_USER_LOOKUP_H
#define IO7_FCGI_OPS_USER_LOOKUP_H

#include "fcgi/ops/ops_db.h"

struct user_list_row;

/*
 * Finds a user by id, schema, GitHub username or local name. Ends the process
 * if no user has it, or two have.
 */
const struct user_list_row *user_lookup_find(struct ops_db *, const char *who);
const struct user_list_row *user_lookup_by_id(struct ops_db *, struct uuid);

/* A line of a table; the members of a JSON object, without braces. */
void user_lookup_print_head(void);
void user_lookup_print(const struct user_list_row *);
void user_lookup_json(struct buf *, const struct user_list_row *);

/* Writes a buffer to standard output; ends the process if it is incomplete. */
void user_lookup_flush(struct buf *);

#endif
