/*
 * command: the commands of `io7` and the parsing of their arguments.
 *
 * Owns:   the table of commands.
 */
#ifndef IO7_FCGI_OPS_COMMAND_H
#define IO7_FCGI_OPS_COMMAND_H

#include "fcgi/db/db.h"
#include "fcgi/options.h"

/* The arguments after the command's name. Each args_*() removes its own. */
struct args {
	const char *command;
	int n;
	char **words;
};

struct command_verb {
	const char *name;
	const char *usage; /* of the arguments that follow */
	const char *about;
	int (*run)(struct args *);
};

/* Either run or verbs is set. A table of verbs ends with a row without name. */
struct command {
	const char *name;
	const char *usage; /* of the arguments that follow */
	const char *about;
	int (*run)(struct args *);
	const struct command_verb *verbs;
};

extern const struct command commands[];
extern const size_t commands_count;

/* Runs the command line and returns the exit code of the process. */
int command_run(int argc, char **argv);

/* True if "--flag" was given. */
bool args_flag(struct args *, const char *flag);
/* The argument after "--name" or "-n"; NULL if it was not given. */
const char *args_value(struct args *, const char *name);
/* The next argument that is no option; NULL if none is left. */
const char *args_word(struct args *);
/* The same, but ends the process with EX_USAGE if none is left. */
const char *args_need(struct args *, const char *what);
/* That of "--mode live" or "--mode test", without which the process ends. */
enum mode args_mode(struct args *);
/* Ends the process with EX_USAGE if an argument is left over. */
void args_end(struct args *);

/*
 * The valid options of "-c FILE", or of the file that IO7_CONF names. The log
 * goes to standard error.
 */
const struct options *args_options(struct args *);
/* The same with the options of all rooms. */
const struct conf *args_conf(struct args *);

/* Shifts this process's clock as IO7_CLOCK says. */
void command_clock(const struct options *);

int command_help(struct args *);
int command_version(struct args *);
int command_serve(struct args *);
int command_check(struct args *);
int command_options(struct args *);
int command_routes(struct args *);
int command_errors(struct args *);
int command_limits(struct args *);
int command_chores(struct args *);
int command_pools(struct args *);
int command_pages(struct args *);
int command_statements(struct args *);
int command_status(struct args *);
int command_top(struct args *);
int command_doctor(struct args *);

extern const struct command_verb migrate_verbs[];
extern const struct command_verb tenant_verbs[];
extern const struct command_verb user_verbs[];
extern const struct command_verb key_verbs[];
extern const struct command_verb plan_verbs[];
extern const struct command_verb usage_verbs[];
extern const struct command_verb userdb_verbs[];
extern const struct command_verb work_verbs[];
extern const struct command_verb cron_verbs[];
extern const struct command_verb nginx_verbs[];

#endif
