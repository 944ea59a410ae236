/*
 * The table of commands, argument parsing, and the commands without a file of
 * their own.
 */
#include "fcgi/ops/command.h"

#include "fcgi/options.h"
#include "fcgi/serve/reload.h"
#include "fcgi/serve/supervisor.h"
#include "lib/base/panic.h"
#include "lib/os/clock.h"
#include "version.h"

#include <errno.h>
#include <sysexits.h>

const struct command commands[] = {
	{ "help", "[COMMAND]", "prints this list, or how to use one command",
	    command_help, NULL },
	{ "version", "", "prints the version", command_version, NULL },
	{ "serve", "[-c FILE]", "serves requests until SIGTERM", command_serve,
	    NULL },
	{ "check", "[-c FILE]", "validates the configuration", command_check,
	    NULL },
	{ "options", "[--example|--markdown]",
	    "prints the configuration options", command_options, NULL },
	{ "routes", "[--inputs]", "prints the HTTP routes, or what each reads",
	    command_routes, NULL },
	{ "errors", "", "prints the errors of the HTTP API", command_errors,
	    NULL },
	{ "limits", "[--markdown|--json]",
	    "prints every limit, and the answer beyond it", command_limits,
	    NULL },
	{ "chores", "", "prints the background work", command_chores, NULL },
	{ "pools", "[-c FILE]", "prints the kinds of processes", command_pools,
	    NULL },
	{ "pages", "", "prints the navigation of the pages", command_pages,
	    NULL },
	{ "nginx", "VERB [-c FILE]",
	    "http, server: nginx configuration of routes and pools", NULL,
	    nginx_verbs },
	{ "statements", "[--check [-c FILE]]",
	    "prints the SQL statements, or checks them", command_statements,
	    NULL },
	{ "status", "[-c FILE] [--json]", "prints what each process is doing",
	    command_status, NULL },
	{ "top", "[-c FILE] [--count N]",
	    "prints the status every second; q quits", command_top, NULL },
	{ "migrate", "VERB [--to N] [-c FILE]",
	    "up, down, status, check: schema of both databases", NULL,
	    migrate_verbs },
	{ "tenant", "VERB [USER] [-c FILE]",
	    "list, show, provision, upgrade, reset-test: tenant schemas", NULL,
	    tenant_verbs },
	{ "user", "VERB [USER] [-c FILE]",
	    "create, list, show, suspend, resume, delete: users", NULL,
	    user_verbs },
	{ "key", "VERB USER [-c FILE]",
	    "list, create, revoke: API keys of a user", NULL, key_verbs },
	{ "plan", "VERB [USER] [-c FILE]", "list, set: plans", NULL,
	    plan_verbs },
	{ "usage", "VERB USER [-c FILE]", "show: daily usage of a user", NULL,
	    usage_verbs },
	{ "userdb", "VERB [USER] [-c FILE]",
	    "list, show, make, drop, backup, restore, check, reseal", NULL,
	    userdb_verbs },
	{ "work", "VERB [ID] [-c FILE]",
	    "kinds, list, show, retry, drop: queued work", NULL, work_verbs },
	{ "cron", "VERB [USER] [-c FILE]",
	    "list, show, run: cron jobs of users", NULL, cron_verbs },
	{ "doctor", "[-c FILE] [--json]",
	    "finds faults of the installation and says how to fix them",
	    command_doctor, NULL },
};

const size_t commands_count = ARRAY_LEN(commands);

/* --- Parsing arguments ---------------------------------------------------- */

static void
remove_args(struct args *args, int i, int n)
{
	args->n -= n;
	memmove(args->words + i, args->words + i + n,
	    (size_t)(args->n - i) * sizeof(*args->words));
}

bool
args_flag(struct args *args, const char *flag)
{
	for (int i = 0; i < args->n; i++)
		if (strcmp(args->words[i], flag) == 0) {
			remove_args(args, i, 1);
			return true;
		}
	return false;
}

const char *
args_value(struct args *args, const char *name)
{
	for (int i = 0; i < args->n; i++) {
		const char *value;

		if (strcmp(args->words[i], name) != 0)
			continue;
		if (i + 1 == args->n)
			die(EX_USAGE, "%s: %s needs a value", args->command,
			    name);
		value = args->words[i + 1];
		remove_args(args, i, 2);
		return value;
	}
	return NULL;
}

const char *
args_word(struct args *args)
{
	for (int i = 0; i < args->n; i++)
		if (args->words[i][0] != '-') {
			const char *word = args->words[i];

			remove_args(args, i, 1);
			return word;
		}
	return NULL;
}

const char *
args_need(struct args *args, const char *what)
{
	const char *word = args_word(args);

	if (!word)
		die(EX_USAGE, "%s: %s is missing", args->command, what);
	return word;
}

enum mode
args_mode(struct args *args)
{
	const char *word = args_value(args, "--mode");

	if (word && strcmp(word, "live") == 0)
		return MODE_LIVE;
	if (word && strcmp(word, "test") == 0)
		return MODE_TEST;
	die(EX_USAGE, "%s: say --mode live or --mode test", args->command);
}

void
args_end(struct args *args)
{
	if (args->n)
		die(EX_USAGE, "%s: unexpected argument %s; see `io7 help %s`",
		    args->command, args->words[0], args->command);
}

static const char *
config_file(struct args *args)
{
	const char *file = args_value(args, "-c");

	return file ? file : getenv("IO7_CONF");
}

const struct conf *
args_conf(struct args *args)
{
	static struct conf *conf;

	conf_free(conf);
	conf = options_load(config_file(args));
	return conf;
}

const struct options *
args_options(struct args *args)
{
	return options_of(args_conf(args));
}

void
command_clock(const struct options *opts)
{
	if (opts->clock[0] && !clock_shift_by(opts->clock))
		die(EX_CONFIG, "IO7_CLOCK: %s: %s", opts->clock,
		    strerror(errno));
}

/* --- Commands ------------------------------------------------------------- */

static const struct command *
find_command(const char *name)
{
	for (size_t i = 0; i < commands_count; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	die(EX_USAGE, "unknown command %s; `io7 help` lists the commands",
	    name);
}

static const struct command_verb *
find_verb(const struct command *command, const char *name)
{
	const struct command_verb *verb = command->verbs;

	while (name && verb->name && strcmp(verb->name, name) != 0)
		verb++;
	return name && verb->name ? verb : NULL;
}

/* Prints each form of a command on a line of its own. */
static void
print_usage(FILE *out, const struct command *command)
{
	const struct command_verb *verb = command->verbs;

	if (!verb)
		fprintf(out, "io7 %s %s\n    %s\n", command->name,
		    command->usage, command->about);
	for (; verb && verb->name; verb++)
		fprintf(out, "io7 %s %s %s%s[-c FILE]\n    %s\n", command->name,
		    verb->name, verb->usage, verb->usage[0] ? " " : "",
		    verb->about);
}

static int
run_verb(const struct command *command, struct args *args)
{
	const struct command_verb *verb = find_verb(command, args_word(args));

	if (verb)
		return verb->run(args);
	fprintf(stderr, "io7: %s needs one of these verbs:\n", command->name);
	print_usage(stderr, command);
	return EX_USAGE;
}

static bool
is_asked_for_help(struct args *args)
{
	return args_flag(args, "--help") || args_flag(args, "-h");
}

int
command_run(int argc, char **argv)
{
	static const char *const spellings[][2] = {
		{ "--help", "help" },
		{ "-h", "help" },
		{ "--version", "version" },
		{ "-V", "version" },
	};
	const char *name = argc > 1 ? argv[1] : "help";
	struct args args = {
		.n = argc > 2 ? argc - 2 : 0,
		.words = argv + 2,
	};
	const struct command *command;

	for (size_t i = 0; i < ARRAY_LEN(spellings); i++)
		if (strcmp(name, spellings[i][0]) == 0)
			name = spellings[i][1];
	command = find_command(name);
	args.command = command->name;
	if (is_asked_for_help(&args)) {
		print_usage(stdout, command);
		return EXIT_SUCCESS;
	}
	return command->verbs ? run_verb(command, &args) : command->run(&args);
}

int
command_help(struct args *args)
{
	const char *name = args_word(args);

	args_end(args);
	if (name) {
		print_usage(stdout, find_command(name));
		return EXIT_SUCCESS;
	}
	for (size_t i = 0; i < commands_count; i++) {
		const struct command *c = &commands[i];
		char words[64];

		snprintf(words, sizeof(words), "%s %s", c->name, c->usage);
		printf("io7 %-32s %s\n", words, c->about);
	}
	return EXIT_SUCCESS;
}

int
command_version(struct args *args)
{
	args_end(args);
	printf("io7 %s\n", IO7_VERSION);
	return EXIT_SUCCESS;
}

int
command_check(struct args *args)
{
	args_options(args);
	args_end(args);
	puts("The configuration is valid.");
	return EXIT_SUCCESS;
}

int
command_serve(struct args *args)
{
	const char *file = config_file(args);
	struct conf *conf = options_load(file);
	const struct options *opts = options_of(conf);

	args_end(args);
	if (!reload_log(opts))
		die(EX_CONFIG, "%s: %s", opts->log, strerror(errno));
	command_clock(opts);
	return supervisor_run(conf, file);
}
