/*
 * The commands table, and the taking apart of words.
 */
#include "fcgi/ops/command.h"

#include "fcgi/serve/reload.h"
#include "fcgi/serve/supervisor.h"
#include "lib/base/panic.h"
#include "lib/os/clock.h"
#include "version.h"

#include <errno.h>
#include <sysexits.h>

const struct command commands[] = {
	{ "help", "", "prints this list", command_help },
	{ "version", "", "prints the version", command_version },
	{ "serve", "[-c FILE]", "serves until it is told to stop",
	    command_serve },
	{ "check", "[-c FILE]", "names every fault of the configuration",
	    command_check },
	{ "options", "[--example|--markdown]", "prints the options",
	    command_options },
	{ "routes", "", "prints what can be asked over HTTP", command_routes },
	{ "errors", "", "prints the errors that a client can meet",
	    command_errors },
	{ "chores", "", "prints the background work", command_chores },
	{ "statements", "[--check [-c FILE]]",
	    "prints the SQL statements, or tries them", command_statements },
	{ "status", "[-c FILE] [--json]", "prints what every process is doing",
	    command_status },
	{ "top", "[-c FILE] [--count N]",
	    "the same, each second, until q is pressed", command_top },
	{ "migrate", "VERB [--to N] [-c FILE]",
	    "up, down, status, check: the schema of both databases",
	    command_migrate },
	{ "tenant", "VERB [USER] [-c FILE]",
	    "list, show, provision, upgrade, reset-test: the tenants",
	    command_tenant },
	{ "user", "VERB [USER] [-c FILE]",
	    "create, list, show, suspend, resume, delete: the users",
	    command_user },
	{ "key", "VERB USER [-c FILE]", "list, create, revoke: a user's keys",
	    command_key },
	{ "plan", "VERB [USER] [-c FILE]", "list, set: the plans",
	    command_plan },
	{ "usage", "VERB USER [-c FILE]",
	    "show: what a user used on each of the last days", command_usage },
	{ "doctor", "[-c FILE] [--json]", "says what is amiss, and what to do",
	    command_doctor },
};

const size_t commands_count = ARRAY_LEN(commands);

static void
take_out(struct args *args, int i, int n)
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
			take_out(args, i, 1);
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
		take_out(args, i, 2);
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

			take_out(args, i, 1);
			return word;
		}
	return NULL;
}

const void *
args_row(struct args *args, const void *rows, size_t n, size_t size)
{
	const char *word = args_word(args);

	for (size_t i = 0; word && i < n; i++) {
		const char *row = (const char *)rows + i * size;
		const char *name;

		memcpy(&name, row, sizeof(name));
		if (strcmp(name, word) == 0)
			return row;
	}
	return NULL;
}

int
args_verb(struct args *args, const struct command_verb *verbs, size_t n)
{
	const struct command_verb *verb =
	    args_row(args, verbs, n, sizeof(*verbs));
	char list[1024];
	struct buf b;

	if (verb)
		return verb->run(args);
	buf_init_fixed(&b, list, sizeof(list));
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "\n    io7 %s %s %s", args->command,
		    verbs[i].name, verbs[i].usage);
	die(EX_USAGE, "%s: what of these?%.*s", args->command,
	    STR_ARGS(buf_view(&b)));
}

const char *
args_need(struct args *args, const char *what)
{
	const char *word = args_word(args);

	if (!word)
		die(EX_USAGE, "%s: %s is missing", args->command, what);
	return word;
}

void
args_end(struct args *args)
{
	if (args->n)
		die(EX_USAGE, "%s: what is %s? `io7 help` lists the commands",
		    args->command, args->words[0]);
}

const struct options *
args_options(struct args *args)
{
	static struct conf *in_force;

	conf_free(in_force);
	in_force = options_load(args_value(args, "-c"));
	return conf_values(in_force);
}

void
command_clock(const struct options *opts)
{
	if (opts->clock[0] && !clock_shift_by(opts->clock))
		die(EX_CONFIG, "IO7_CLOCK: %s: %s", opts->clock,
		    strerror(errno));
}

int
command_help(struct args *args)
{
	args_end(args);
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
	const char *file = args_value(args, "-c");
	struct conf *conf = options_load(file);
	const struct options *opts = conf_values(conf);

	args_end(args);
	if (!reload_log(opts))
		die(EX_CONFIG, "%s: %s", opts->log, strerror(errno));
	command_clock(opts);
	return supervisor_run(conf, file);
}
