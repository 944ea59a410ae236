/*
 * `io7 tenant`: the verbs, and those for a single tenant.
 */
#include "fcgi/ops/tenant.h"

#include "lib/base/panic.h"
#include "lib/crypto/crypt.h"
#include "lib/os/clock.h"
#include "stmts/db.h"

#include <sysexits.h>

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
read_tenant(struct args *args)
{
	const char *who = args_need(args, "USER");
	struct tenant tenant;

	if (!tenant_user(who, &tenant.user))
		die(EX_USAGE, "%s: %s is neither a user id nor a schema name",
		    args->command, who);
	tenant_name(tenant.user, tenant.schema);
	return tenant;
}

static void
print_facts(enum mode mode, const struct tenant_facts_row *row)
{
	char made[CLOCK_TEXT], upgraded[CLOCK_TEXT];

	if (!row) {
		printf("%s    does not exist\n", mode_name(mode));
		return;
	}
	clock_text(row->created_at, made);
	clock_text(row->updated_at, upgraded);
	printf("%s    version %d, created %s, upgraded %s,"
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

static int
show(struct args *args)
{
	const struct options *opts = args_options(args);
	bool json = args_flag(args, "--json"), exists = false;
	struct tenant tenant = read_tenant(args);
	struct tenant_facts_row *row;
	struct ops_db a;

	args_end(args);
	ops_db_open(&a, opts, "io7_owner", "io7 tenant");
	printf(json ? "{\"schema\":\"%s\"" : "schema  %s\n", tenant.schema);
	for (enum mode m = MODE_LIVE; m < MODE_COUNT; m++) {
		ops_db_must(&a, m, tenant_facts(a.base[m], tenant.user, &row),
		    tenant.schema);
		exists = exists || row;
		if (json)
			print_facts_json(m, row);
		else
			print_facts(m, row);
	}
	if (json)
		puts("}");
	ops_db_close(&a);
	return exists ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
provision(struct args *args)
{
	const struct options *opts = args_options(args);
	struct tenant tenant = read_tenant(args);
	struct tenant_provision_row *row;
	struct ops_db a;

	args_end(args);
	ops_db_open(&a, opts, "io7_owner", "io7 tenant");
	for (enum mode m = MODE_LIVE; m < MODE_COUNT; m++)
		ops_db_must(&a, m,
		    tenant_provision(a.base[m], tenant.user, &row),
		    tenant.schema);
	puts(tenant.schema);
	ops_db_close(&a);
	return EXIT_SUCCESS;
}

const struct command_verb tenant_verbs[] = {
	{ "list", "[--json]", "lists the tenants of both databases",
	    tenant_list_all },
	{ "show", "USER [--json]", "prints version and size of a tenant",
	    show },
	{ "provision", "USER", "creates the schema of a tenant", provision },
	{ "upgrade", "[--jobs N]",
	    "upgrades outdated tenants, in N processes at once",
	    tenant_upgrade_all },
	{ "reset-test", "--yes", "deletes all test data", tenant_reset_test },
	{ 0 },
};
