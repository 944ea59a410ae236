/*
 * The doctor's checks of the roles: the rights of each, and the settings of a
 * session of io7_app and io7_chore. A superuser fixes them by sql/cluster.sql.
 */
#include "fcgi/ops/doctor.h"
#include "fcgi/options.h"
#include "stmts/ops.h"

static const struct role {
	const char *name;
	const char *member_of;
	bool bypasses_rls, reads_passwords, owns_functions, is_owner;
} roles[] = {
	{ "io7_owner", "io7_chore", false, false, true, true },
	{ "io7_app", "", false, false, false, false },
	{ "io7_chore", "", true, false, true, false },
	{ "io7_backup", "pg_read_all_data", true, true, false, false },
};

static void
check_ownership(const struct role *role, const struct role_list_row *row,
    struct finding *f)
{
	const char *name = role->name;

	if (role->is_owner) {
		if (!row->creates_schemas)
			find(f, VERDICT_FAIL, "%s may not create schemas",
			    name);
		return;
	}
	if (row->creates_schemas)
		find(f, VERDICT_FAIL, "%s may create schemas", name);
	if (row->creates_in)
		find(f, VERDICT_FAIL, "%s may create in %lld schemas", name,
		    (long long)row->creates_in);
	if (row->owned)
		find(f, VERDICT_FAIL, "%s owns %lld objects", name,
		    (long long)row->owned);
	if (row->owned_functions && !role->owns_functions)
		find(f, VERDICT_FAIL, "%s owns %lld functions", name,
		    (long long)row->owned_functions);
}

static void
check_role(const struct role *role, const struct role_list_row *row,
    struct finding *f)
{
	const struct {
		bool is, should_be;
		const char *word;
	} rights[] = {
		{ row->can_login, true, "log in" },
		{ row->connects, true, "connect" },
		{ row->is_superuser, false, "do everything (SUPERUSER)" },
		{ row->creates_roles, false, "create roles" },
		{ row->creates_databases, false, "create databases" },
		{ row->replicates, false, "replicate" },
		{ row->creates_large_objects, false, "create large objects" },
		{ row->reads_passwords, role->reads_passwords,
		    "read pg_authid" },
		{ row->bypasses_rls, role->bypasses_rls,
		    "bypass row-level security" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rights); i++)
		if (rights[i].is != rights[i].should_be)
			find(f, VERDICT_FAIL, "%s %s %s", role->name,
			    rights[i].is ? "may" : "may not", rights[i].word);
	if (!str_eq(row->member_of, str_of(role->member_of)))
		find(f, VERDICT_FAIL, "%s is a member of \"%.*s\"", role->name,
		    STR_ARGS(row->member_of));
	check_ownership(role, row, f);
}

static const struct role_list_row *
row_of(const struct role_list_row *rows, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(rows[i].name, str_of(name)))
			return &rows[i];
	return NULL;
}

void
doctor_roles(struct doctor *d, enum mode mode, struct finding *f)
{
	struct role_list_row *rows;
	size_t n;

	if (role_list(d->owner.base[mode], &rows, &n) != OK) {
		find(f, VERDICT_FAIL, "the connection was lost");
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		const struct role_list_row *row =
		    row_of(rows, n, roles[i].name);

		if (row)
			check_role(&roles[i], row, f);
		else
			find(f, VERDICT_FAIL, "there is no role %s",
			    roles[i].name);
	}
	if (f->verdict == VERDICT_OK)
		find(f, VERDICT_OK, "as sql/cluster.sql creates them");
	else
		find(f, VERDICT_FAIL,
		    "revoke what was granted, then run sql/cluster.sql");
}

/* Opens a session of a role; NULL if it cannot connect. */
static const struct server_facts_row *
session(struct ops_db *a, enum mode mode, struct finding *f)
{
	struct server_facts_row *facts;
	enum err e = server_facts(a->base[mode], &facts);

	if (e != OK) {
		find(f, VERDICT_FAIL, "cannot connect: %s",
		    ops_db_words(a, mode, e).text);
		return NULL;
	}
	find(f, VERDICT_OK, "can connect");
	if (!str_eq(facts->search_path, STR("\"\"")))
		find(f, VERDICT_FAIL,
		    "its search_path is %.*s, which must be empty: run"
		    " sql/cluster.sql",
		    STR_ARGS(facts->search_path));
	if (!str_eq(facts->plan_cache_mode, STR("force_generic_plan")))
		find(f, VERDICT_WARN,
		    "its plan_cache_mode is %.*s, so that many requests are"
		    " planned anew: run sql/cluster.sql",
		    STR_ARGS(facts->plan_cache_mode));
	return facts;
}

void
doctor_chore(struct doctor *d, enum mode mode, struct finding *f)
{
	session(&d->chore, mode, f);
}

/* Rights that were granted by hand outlive the migrations. */
static void
check_excess(struct doctor *d, struct finding *f)
{
	struct app_excess_row *row;

	if (app_excess(d->owner.base[MODE_LIVE], &row) != OK)
		return; /* other checks name the cause */
	if (row->rights.n)
		find(f, VERDICT_FAIL, "it may %.*s: revoke that",
		    STR_ARGS(row->rights));
}

/* The server must time out first, or the worker closes the connection. */
void
doctor_app(struct doctor *d, enum mode mode, struct finding *f)
{
	const struct server_facts_row *facts = session(&d->app, mode, f);
	int64_t timeout_ms = d->opts->statement_timeout / NS_PER_MS;

	if (facts && mode == MODE_LIVE)
		check_excess(d, f);
	if (facts && facts->statement_timeout_ms == 0)
		find(f, VERDICT_FAIL,
		    "it has no statement_timeout: run sql/cluster.sql");
	else if (facts && facts->statement_timeout_ms >= timeout_ms)
		find(f, VERDICT_FAIL,
		    "its statement_timeout is %d ms: set IO7_STATEMENT_TIMEOUT"
		    " to a longer time",
		    facts->statement_timeout_ms);
}
