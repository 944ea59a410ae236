/*
 * command: something an operator can type, and how its words are taken apart.
 *
 * Owns:   the table of commands.
 * Not:    what the server does by itself.
 * Limit:  none.
 */
#ifndef IO7_FCGI_OPS_COMMAND_H
#define IO7_FCGI_OPS_COMMAND_H

#include "fcgi/options.h"

/* The words behind a command's name; what was asked for is taken out. */
struct args {
	const char *command;
	int n;
	char **words;
};

struct command {
	const char *name;
	const char *usage; /* of the words that follow */
	const char *about;
	int (*run)(struct args *);
};

extern const struct command commands[];
extern const size_t commands_count;

/* Whether "--flag" was given. */
bool args_flag(struct args *, const char *flag);
/* The word behind "--name" or "-n"; NULL where it was not given. */
const char *args_value(struct args *, const char *name);
/* The next plain word; NULL where none is left. */
const char *args_word(struct args *);
/*
 * The row that the next word names, of a table whose rows begin with their
 * name; NULL where there is none.
 */
const void *args_row(struct args *, const void *rows, size_t n, size_t size);
/* What a command does, by its next word. */
struct command_verb {
	const char *name;
	const char *usage; /* of the words that follow */
	int (*run)(struct args *);
};
/* Runs the verb that the next word names; EX_USAGE where there is none. */
int args_verb(struct args *, const struct command_verb *, size_t n);
/* The next plain word, which must be there. */
const char *args_need(struct args *, const char *what);
/* Ends the process with EX_USAGE when a word is left over. */
void args_end(struct args *);

/* The options of "-c FILE", checked; the log goes to standard error. */
const struct options *args_options(struct args *);

/* The clock is shifted from now on as IO7_CLOCK says. */
void command_clock(const struct options *);

int command_help(struct args *);
int command_version(struct args *);
int command_serve(struct args *);
int command_check(struct args *);
int command_options(struct args *);
int command_routes(struct args *);
int command_errors(struct args *);
int command_chores(struct args *);
int command_statements(struct args *);
int command_status(struct args *);
int command_top(struct args *);
int command_migrate(struct args *);
int command_tenant(struct args *);
int command_user(struct args *);
int command_key(struct args *);
int command_plan(struct args *);
int command_usage(struct args *);
int command_doctor(struct args *);

#endif
