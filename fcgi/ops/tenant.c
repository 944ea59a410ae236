/*
 * `io7 tenant`: its verbs, and those about one tenant.
 */
#include "fcgi/ops/tenant.h"

#include "lib/base/panic.h"
#include "lib/crypto/crypt.h"
#include "lib/os/clock.h"
#include "stmts/db.h"

#include <sysexits.h>

enum takes { TAKES_WHO = 1, TAKES_JSON = 2, TAKES_YES = 4, TAKES_JOBS = 8 };

static const struct verb {
	const char *name;
	unsigned takes;
	int (*run)(const struct tenant_request *);
} verbs[] = {
	{ "list", TAKES_JSON, tenant_list_all },
	{ "show", TAKES_WHO | TAKES_JSON, tenant_show },
	{ "provision", TAKES_WHO, tenant_provision_one },
	{ "upgrade", TAKES_JOBS, tenant_upgrade_all },
	{ "reset-test", TAKES_YES, tenant_reset_test },
};

static const struct verb *
read_verb(struct args *args)
{
	const struct verb *verb =
	    args_row(args, verbs, ARRAY_LEN(verbs), sizeof(verbs[0]));

	if (verb)
		return verb;
	die(EX_USAGE,
	    "%s: list [--json], show USER [--json], provision USER,"
	    " upgrade [--jobs N] or reset-test --yes",
	    args->command);
}

static unsigned
read_jobs(struct args *args)
{
	enum { JOBS_MAX = 64 };
	const char *word = args_value(args, "--jobs");
	uint64_t jobs;

	if (!word)
		return 0;
	if (!str_to_u64(str_of(word), &jobs) || jobs < 1 || jobs > JOBS_MAX)
		die(EX_USAGE, "%s: --jobs must be 1 to %d", args->command,
		    JOBS_MAX);
	return (unsigned)jobs;
}

static void
check_request(const struct args *args, const struct verb *verb,
    const struct tenant_request *r)
{
	const struct {
		unsigned takes;
		bool given;
		const char *name;
	} words[] = {
		{ TAKES_JSON, r->json, "--json" },
		{ TAKES_YES, r->yes, "--yes" },
		{ TAKES_JOBS, r->jobs > 0, "--jobs" },
		{ TAKES_WHO, r->who != NULL, "USER" },
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (words[i].given && !(verb->takes & words[i].takes))
			die(EX_USAGE, "%s: %s takes no %s", args->command,
			    verb->name, words[i].name);
	if (verb->takes & TAKES_WHO && !r->who)
		die(EX_USAGE, "%s: %s needs a user's id or schema",
		    args->command, verb->name);
}

int
command_tenant(struct args *args)
{
	struct tenant_request r = {
		.opts = args_options(args),
		.jobs = read_jobs(args),
		.json = args_flag(args, "--json"),
		.yes = args_flag(args, "--yes"),
	};
	const struct verb *verb = read_verb(args);

	r.who = args_word(args);
	args_end(args);
	check_request(args, verb, &r);
	return verb->run(&r);
}

bool
tenant_user(const char *who, struct uuid *user)
{
	static const char prefix[] = "user_";
	char digits[2 * sizeof(user->b) + 1];
	size_t n = 0;

	if (strncmp(who, prefix, sizeof(prefix) - 1) == 0)
		who += sizeof(prefix) - 1;
	for (; *who && n < sizeof(digits); who++)
		if (*who != '-')
			digits[n++] = *who;
	return crypt_unhex((struct str){ digits, n }, user->b, sizeof(user->b));
}

static struct tenant
read_who(const char *who)
{
	struct tenant tenant;

	if (!tenant_user(who, &tenant.user))
		die(EX_USAGE, "tenant: %s is not a user's id or schema", who);
	tenant_name(tenant.user, tenant.schema);
	return tenant;
}

static void
print_facts(enum mode mode, const struct tenant_facts_row *row)
{
	char made[CLOCK_TEXT], upgraded[CLOCK_TEXT];

	if (!row) {
		printf("%s    is not there\n", mode_name(mode));
		return;
	}
	clock_text(row->created_at, made);
	clock_text(row->updated_at, upgraded);
	printf("%s    version %d, made %s, upgraded %s,"
	       " %lld tables, %lld bytes\n",
	    mode_name(mode), row->version, made, upgraded,
	    (long long)row->relations, (long long)row->bytes);
}

static void
print_facts_json(enum mode mode, const struct tenant_facts_row *row)
{
	char made[CLOCK_TEXT], upgraded[CLOCK_TEXT];

	if (!row) {
		printf(",\"%s\":null", mode_name(mode));
		return;
	}
	clock_text(row->created_at, made);
	clock_text(row->updated_at, upgraded);
	printf(",\"%s\":{\"version\":%d,\"created_at\":\"%s\","
	       "\"updated_at\":\"%s\",\"tables\":%lld,\"bytes\":%lld}",
	    mode_name(mode), row->version, made, upgraded,
	    (long long)row->relations, (long long)row->bytes);
}

int
tenant_show(const struct tenant_request *r)
{
	struct tenant tenant = read_who(r->who);
	struct tenant_facts_row *row;
	struct ops_db a;
	bool is_there = false;

	ops_db_open(&a, r->opts, "io7_owner", "io7 tenant");
	printf(r->json ? "{\"schema\":\"%s\"" : "schema  %s\n", tenant.schema);
	for (enum mode m = MODE_LIVE; m < MODE_COUNT; m++) {
		ops_db_must(&a, m, tenant_facts(a.base[m], tenant.user, &row),
		    tenant.schema);
		is_there = is_there || row;
		if (r->json)
			print_facts_json(m, row);
		else
			print_facts(m, row);
	}
	if (r->json)
		puts("}");
	ops_db_close(&a);
	return is_there ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
tenant_provision_one(const struct tenant_request *r)
{
	struct tenant tenant = read_who(r->who);
	struct tenant_provision_row *row;
	struct ops_db a;

	ops_db_open(&a, r->opts, "io7_owner", "io7 tenant");
	for (enum mode m = MODE_LIVE; m < MODE_COUNT; m++)
		ops_db_must(&a, m,
		    tenant_provision(a.base[m], tenant.user, &row),
		    tenant.schema);
	puts(tenant.schema);
	ops_db_close(&a);
	return EXIT_SUCCESS;
}
