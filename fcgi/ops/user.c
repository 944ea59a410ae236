/*
 * `io7 user`: lists and creates users. A user created here belongs to the
 * issuer "io7" and has a name instead of a GitHub account. The first two keys
 * are printed on standard output.
 */
#include "fcgi/ops/user.h"

#include "fcgi/identity/key.h"
#include "fcgi/identity/signup.h"
#include "lib/base/panic.h"
#include "stmts/ops.h"

#include <sysexits.h>

enum { NAME_LENGTH_MAX = 64 };

void
user_open_db(struct ops_db *a, struct args *args, const struct options *opts)
{
	args_end(args);
	ops_db_open(a, opts, "io7_chore", "io7 user");
}

static const char *
read_name(struct args *args)
{
	const char *name = args_need(args, "NAME");
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-");

	if (n < 1 || n > NAME_LENGTH_MAX || name[n])
		die(EX_USAGE,
		    "%s: NAME must be 1 to %d characters of a-z, 0-9, dot,"
		    " - and _",
		    args->command, NAME_LENGTH_MAX);
	return name;
}

struct creation {
	const char *name, *plan; /* plan NULL: the default */
	struct user_find_local_row *row;
};

static enum err
add_row(struct db_tx *tx, void *context)
{
	struct creation *c = context;
	struct str name = str_of(c->name);
	int64_t added = 0;
	enum err e = user_add_local(tx, name,
	    str_of(c->plan ? c->plan : "starter"), &added);

	if (e == OK)
		e = user_find_local(tx, name, &c->row);
	if (e != OK || !added || !c->row)
		return e;
	return audit_note_operator(tx,
	    &(struct audit){ .event = AUDIT_ACCOUNT_CREATED,
		.user = { true, c->row->user_id } });
}

/* Creates the user unless the name exists; returns its id. */
static struct uuid
add(struct ops_db *a, const char *name, const char *plan)
{
	struct creation c = { name, plan, NULL };
	enum err e = db_transact(a->base[MODE_LIVE], 1, add_row, &c);

	if (e == E_CONFLICT)
		die(EX_USAGE,
		    "there is no plan %s; `io7 plan list` lists the plans",
		    plan);
	ops_db_must(a, MODE_LIVE, e, name);
	if (!c.row)
		die(EXIT_FAILURE, "%s was deleted at the same moment", name);
	return c.row->user_id;
}

/* An existing user may be in deletion, or have another plan. */
static void
check_created(struct ops_db *a, struct uuid id, const char *plan)
{
	const struct user_list_row *row = user_lookup_by_id(a, id);

	if (str_eq(row->status, STR("leaving")))
		die(EX_UNAVAILABLE, "%.*s is being deleted",
		    STR_ARGS(row->name));
	if (plan && !str_eq(row->plan_id, str_of(plan)))
		die(EX_USAGE,
		    "%.*s already exists with the plan %.*s;"
		    " `io7 plan set` changes it",
		    STR_ARGS(row->name), STR_ARGS(row->plan_id));
}

static void
print_created(struct ops_db *a, const struct user_list_row *row,
    const struct key *keys, bool json)
{
	struct buf b;

	buf_init(&b, a->mem);
	if (json) {
		buf_putc(&b, '{');
		user_lookup_json(&b, row);
		buf_puts(&b, ",\"test_key\":");
		if (keys)
			buf_printf(&b, "\"%s\",\"live_key\":\"%s\"}\n",
			    keys[MODE_TEST].text, keys[MODE_LIVE].text);
		else
			buf_puts(&b, "null,\"live_key\":null}\n");
	} else {
		char id[UUID_TEXT];

		uuid_text(row->user_id, id);
		buf_printf(&b, "id        %s\nschema    %.*s\nplan      %.*s\n",
		    id, STR_ARGS(row->schema_name), STR_ARGS(row->plan_id));
		if (keys)
			buf_printf(&b, "test key  %s\nlive key  %s\n",
			    keys[MODE_TEST].text, keys[MODE_LIVE].text);
		else
			buf_puts(&b,
			    "The user already existed. Its keys cannot be"
			    " shown again.\n");
	}
	user_lookup_flush(&b);
}

int
user_create(struct args *args)
{
	const struct conf *conf = args_conf(args);
	const char *plan = args_value(args, "--plan");
	bool json = args_flag(args, "--json"), made = false;
	struct key keys[MODE_COUNT];
	const char *name = read_name(args);
	struct uuid id;
	struct ops_db a;

	user_open_db(&a, args, options_of(conf));
	id = add(&a, name, plan);
	check_created(&a, id, plan);
	ops_db_must(&a, MODE_LIVE,
	    signup_complete(ops_db_service(&a, conf), a.mem, id), name);
	ops_db_must(&a, MODE_LIVE,
	    key_make_first(a.base[MODE_LIVE], id, keys, &made), name);
	print_created(&a, user_lookup_by_id(&a, id), made ? keys : NULL, json);
	ops_db_close(&a);
	return EXIT_SUCCESS;
}

int
user_show(struct args *args)
{
	const struct options *opts = args_options(args);
	bool json = args_flag(args, "--json");
	const char *who = args_need(args, "USER");
	const struct user_list_row *row;
	struct ops_db a;
	struct buf b;

	user_open_db(&a, args, opts);
	row = user_lookup_find(&a, who);
	if (json) {
		buf_init(&b, a.mem);
		buf_putc(&b, '{');
		user_lookup_json(&b, row);
		buf_puts(&b, "}\n");
		user_lookup_flush(&b);
	} else {
		user_lookup_print_head();
		user_lookup_print(row);
	}
	ops_db_close(&a);
	return EXIT_SUCCESS;
}

static void
list_page(struct ops_db *a, const struct user_list_row *rows, size_t n,
    bool json, bool is_first)
{
	struct buf b;

	buf_init(&b, a->mem);
	if (is_first && json)
		printf("{\"users\":[");
	else if (is_first)
		user_lookup_print_head();
	for (size_t i = 0; i < n; i++) {
		if (!json) {
			user_lookup_print(&rows[i]);
			continue;
		}
		buf_puts(&b, is_first && i == 0 ? "{" : ",\n{");
		user_lookup_json(&b, &rows[i]);
		buf_putc(&b, '}');
	}
	user_lookup_flush(&b);
}

int
user_list_all(struct args *args)
{
	const struct options *opts = args_options(args);
	bool json = args_flag(args, "--json"), is_first = true;
	struct user_list_row last = { 0 }, *rows;
	size_t n = USER_PAGE;
	struct ops_db a;

	user_open_db(&a, args, opts);
	for (; n == USER_PAGE; is_first = false) {
		ops_db_must(&a, MODE_LIVE,
		    user_list(a.base[MODE_LIVE], (struct opt_uuid){ 0 },
			(struct str){ 0 }, last.created_at, last.user_id,
			USER_PAGE, &rows, &n),
		    "its users");
		list_page(&a, rows, n, json, is_first);
		if (n)
			last = rows[n - 1];
		ops_db_reset(&a);
	}
	if (json)
		puts("]}");
	ops_db_close(&a);
	return EXIT_SUCCESS;
}

const struct command_verb user_verbs[] = {
	{ "create", "NAME [--plan PLAN] [--json]",
	    "creates a user and prints its first two keys once", user_create },
	{ "list", "[--json]", "lists the users", user_list_all },
	{ "show", "USER [--json]", "prints one user", user_show },
	{ "suspend", "USER", "refuses all credentials of a user",
	    user_suspend },
	{ "resume", "USER", "ends the suspension of a user", user_resume },
	{ "delete", "USER --yes [--json]",
	    "deletes a user with all data, in both modes", user_delete },
	{ 0 },
};
