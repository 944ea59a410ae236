/*
 * `io7 key`: manages the API keys of a user on the user's behalf.
 */
#include "fcgi/ops/user.h"

#include "fcgi/identity/credential_change.h"
#include "fcgi/identity/key.h"
#include "lib/base/panic.h"
#include "lib/os/clock.h"
#include "stmts/identity.h"
#include "stmts/keys.h"
#include "stmts/ops.h"

#include <sysexits.h>

struct request {
	const struct options *opts;
	const char *who;
	bool json;
};

static struct request
read_request(struct args *args)
{
	struct request request = {
		.opts = args_options(args),
		.json = args_flag(args, "--json"),
	};

	request.who = args_need(args, "USER");
	return request;
}

static const char *
state_of(const struct key_list_row *row)
{
	if (row->revoked_at.is)
		return "revoked";
	if (row->expires_at.is && row->expires_at.v <= clock_wall_us())
		return "expired";
	return row->enabled ? "active" : "disabled";
}

static void
print_key(const struct key_list_row *row)
{
	char id[UUID_TEXT], made[CLOCK_TEXT];

	uuid_text(row->key_id, id);
	clock_text(row->created_at, made);
	printf("%-36s  %.*s...%.*s  %-8s  %-16.*s  %.10s  %.*s\n", id,
	    STR_ARGS(row->prefix), STR_ARGS(row->last4), state_of(row),
	    STR_ARGS(row->scopes), made, STR_ARGS(row->label));
}

static void
print_head(bool json)
{
	if (json)
		printf("{\"keys\":[");
	else
		printf("%-36s  %-19s  %-8s  %-16s  %-10s  %s\n", "ID", "KEY",
		    "STATE", "SCOPES", "CREATED", "LABEL");
}

/* Prints the page after `last`, and sets `last` to its end. */
static size_t
print_page(struct ops_db *a, struct uuid user, bool json,
    struct key_list_row *last, bool is_first)
{
	bool again = !is_first;
	struct key_list_row *rows = NULL;
	struct buf b;
	size_t n = 0;

	ops_db_must(a, MODE_LIVE,
	    key_list(a->base[MODE_LIVE], user, (struct opt_uuid){ 0 },
		(struct str){ 0 }, (struct opt_bool){ 0 },
		(struct opt_int64){ again, last->created_at },
		(struct opt_uuid){ again, last->key_id }, USER_PAGE, &rows, &n),
	    "its keys");
	buf_init(&b, a->mem);
	if (is_first)
		print_head(json);
	for (size_t i = 0; i < n; i++) {
		if (!json) {
			print_key(&rows[i]);
			continue;
		}
		buf_puts(&b, is_first && i == 0 ? "" : ",\n");
		key_json(&b, &rows[i], NULL);
	}
	user_lookup_flush(&b);
	if (n)
		*last = rows[n - 1];
	return n;
}

static int
list(struct args *args)
{
	const struct request request = read_request(args);
	struct key_list_row last = { 0 };
	bool is_first = true;
	struct ops_db a;
	struct uuid user;

	user_open_db(&a, args, request.opts);
	user = user_lookup_find(&a, request.who)->user_id;
	while (
	    print_page(&a, user, request.json, &last, is_first) == USER_PAGE) {
		is_first = false;
		ops_db_reset(&a);
	}
	if (request.json)
		puts("]}");
	ops_db_close(&a);
	return EXIT_SUCCESS;
}

/* --- Creating and revoking ------------------------------------------------ */

struct creation {
	struct uuid user;
	struct key_wish wish;
	struct key key;
};

static enum err
make(struct db_tx *tx, void *context)
{
	struct creation *m = context;
	enum err e = key_make_one(tx, m->user, &m->wish, &m->key);

	if (e != OK)
		return e;
	return audit_note_operator(tx,
	    &(struct audit){ .event = AUDIT_KEY_CREATED,
		.user = { true, m->user },
		.about = { true, m->key.id } });
}

static unsigned
read_scopes(struct args *args)
{
	const char *word = args_value(args, "--scopes");
	struct str rest = str_of(word ? word : "read,write"), name;
	unsigned scopes = 0;

	while (str_split(&rest, ',', &name)) {
		if (!scope_of(name))
			die(EX_USAGE,
			    "%s: --scopes must be a list of read, write,"
			    " admin, database and database:read",
			    args->command);
		scopes |= scope_of(name);
	}
	return scopes;
}

static struct str
read_label(struct args *args)
{
	const char *word = args_value(args, "--label");
	struct str label = str_of(word ? word : "From the operator");
	size_t n = str_utf8_length(label);

	if (n < 1 || n > LABEL_MAX || str_has_control(label, false))
		die(EX_USAGE, "%s: --label must be 1 to %d characters",
		    args->command, LABEL_MAX);
	return label;
}

static int
create(struct args *args)
{
	struct creation m = { .wish = { .label = read_label(args),
				  .mode = args_mode(args),
				  .scopes = read_scopes(args) } };
	const struct request request = read_request(args);
	char id[UUID_TEXT];
	struct ops_db a;
	enum err e;

	user_open_db(&a, args, request.opts);
	m.user = user_lookup_find(&a, request.who)->user_id;
	e = db_transact(a.base[MODE_LIVE], 1, make, &m);
	if (e == E_CONFLICT)
		die(EX_UNAVAILABLE,
		    "%s already has %d keys, the most that a user may have",
		    request.who, KEYS_MAX);
	ops_db_must(&a, MODE_LIVE, e, "creating the key");
	uuid_text(m.key.id, id);
	printf(request.json ? "{\"id\":\"%s\",\"key\":\"%s\"}\n"
			    : "id   %s\nkey  %s\n",
	    id, m.key.text);
	ops_db_close(&a);
	return EXIT_SUCCESS;
}

static enum err
retire(struct db_tx *tx, struct uuid user, const void *key)
{
	const struct uuid *id = key;
	int64_t revoked = 0;
	enum err e =
	    key_retire(tx, user, *id, (struct opt_int64){ 0 }, &revoked);

	return e == OK && !revoked ? E_NOT_FOUND : e;
}

static int
revoke(struct args *args)
{
	const struct request request = read_request(args);
	const char *word = args_need(args, "KEY-ID");
	struct ops_db a;
	struct uuid id;

	if (!uuid_of(str_of(word), &id))
		die(EX_USAGE, "%s: %s is not the id of a key", args->command,
		    word);
	user_open_db(&a, args, request.opts);
	if (!user_change(&a,
		&(struct audit){ .event = AUDIT_KEY_REVOKED,
		    .user = { true,
			user_lookup_find(&a, request.who)->user_id },
		    .about = { true, id } },
		retire, &id))
		die(EXIT_FAILURE, "%s has no such active key: %s", request.who,
		    word);
	printf("%s is revoked\n", word);
	ops_db_close(&a);
	return EXIT_SUCCESS;
}

const struct command_verb key_verbs[] = {
	{ "list", "USER [--json]", "lists the API keys of a user", list },
	{ "create",
	    "USER --mode live|test [--label L] [--scopes read,write,admin]"
	    " [--json]",
	    "creates a key and prints it once", create },
	{ "revoke", "USER KEY-ID", "revokes a key immediately", revoke },
	{ 0 },
};
