/*
 * sql: splits the SQL of a job into its statements.
 *
 * Not:    a parser: it knows quotes, comments, and where a trigger ends, by the
 *         rules of sqlite3_complete().
 * Limit:  CRON_STATEMENTS statements.
 */
#ifndef IO7_FCGI_CRON_SQL_H
#define IO7_FCGI_CRON_SQL_H

#include "lib/base/str.h"

enum { CRON_STATEMENTS = 100 };

/*
 * Takes the next statement off the front, without its semicolon and the blanks
 * and comments around it. False at the end.
 */
bool cron_sql_next(struct str *rest, struct str *statement);

/* The fault of the text as a whole, as a sentence for the user, or NULL. */
const char *cron_sql_problem(struct str text);

/* The first word of the statement is that one; case does not matter. */
bool cron_sql_is(struct str statement, const char *word);

#endif
