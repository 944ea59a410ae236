/*
 * userdb: the command `io7 userdb`, and the user databases of other commands.
 */
#ifndef IO7_FCGI_OPS_USERDB_H
#define IO7_FCGI_OPS_USERDB_H

struct conf;

/* Deletes the user databases of the test mode, and prints how many. */
void userdb_drop_test(const struct conf *);

#endif
