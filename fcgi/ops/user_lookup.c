/*
 * Finds and prints the users that commands name.
 */
#include "fcgi/ops/user_lookup.h"

#include "fcgi/ops/tenant.h"
#include "lib/base/panic.h"
#include "lib/json/member.h"
#include "lib/os/clock.h"
#include "stmts/ops.h"

#include <sysexits.h>

static const struct user_list_row *
find(struct ops_db *a, struct opt_uuid id, struct str name, const char *who)
{
	const struct user_list_row first = { 0 };
	struct user_list_row *rows = NULL;
	size_t n = 0;

	ops_db_must(a, MODE_LIVE,
	    user_list(a->base[MODE_LIVE], id, name, first.created_at,
		first.user_id, 2, &rows, &n),
	    who);
	if (n == 0)
		die(EX_NOUSER, "there is no user %s", who);
	if (n > 1)
		die(EX_USAGE, "two users are named %s; use the id", who);
	return rows;
}

const struct user_list_row *
user_lookup_find(struct ops_db *a, const char *who)
{
	struct opt_uuid id = { 0 };
	struct str name = { 0 };

	id.is = tenant_user(who, &id.v);
	if (!id.is)
		name = str_of(who);
	return find(a, id, name, who);
}

const struct user_list_row *
user_lookup_by_id(struct ops_db *a, struct uuid id)
{
	char text[UUID_TEXT];

	uuid_text(id, text);
	return find(a, (struct opt_uuid){ true, id }, (struct str){ 0 }, text);
}

void
user_lookup_print_head(void)
{
	printf("%-36s  %-6s  %-10s  %-9s  %4s  %-10s  %s\n", "ID", "KIND",
	    "PLAN", "STATUS", "KEYS", "CREATED", "NAME");
}

void
user_lookup_print(const struct user_list_row *row)
{
	char id[UUID_TEXT], since[CLOCK_TEXT];

	uuid_text(row->user_id, id);
	clock_text(row->created_at, since);
	printf("%-36s  %-6.*s  %-10.*s  %-9.*s  %4lld  %.10s  %.*s\n", id,
	    STR_ARGS(row->kind), STR_ARGS(row->plan_id),
	    STR_ARGS(row->is_ready ? row->status : STR("unready")),
	    (long long)row->keys, since, STR_ARGS(row->name));
}

void
user_lookup_json(struct buf *b, const struct user_list_row *row)
{
	member_uuid(b, "id", (struct opt_uuid){ true, row->user_id });
	member_text(b, "schema", row->schema_name);
	member_text(b, "name", row->name);
	member_text(b, "kind", row->kind);
	member_text(b, "plan", row->plan_id);
	member_text(b, "status", row->status);
	member_bool(b, "ready", row->is_ready);
	member_int(b, "keys", row->keys);
	member_time(b, "created_at",
	    (struct opt_int64){ true, row->created_at });
	member_time(b, "last_login_at", row->last_login_at);
}

void
user_lookup_flush(struct buf *b)
{
	if (b->failed)
		die(EXIT_FAILURE, "no memory");
	if (b->n)
		fwrite(b->p, 1, b->n, stdout);
	b->n = 0;
}
