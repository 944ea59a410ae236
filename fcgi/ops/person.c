/*
 * Users as operators name and see them.
 */
#include "fcgi/ops/person.h"

#include "fcgi/ops/tenant.h"
#include "lib/clock.h"
#include "lib/log.h"

#include <sysexits.h>

static const struct user_list_row *
find(struct access *a, struct opt_uuid id, struct str name, const char *who)
{
	const struct user_list_row first = { 0 };
	struct user_list_row *rows = NULL;
	size_t n = 0;

	access_must(a, MODE_LIVE,
	    user_list(a->base[MODE_LIVE], id, name, first.created_at,
		first.user_id, 2, &rows, &n),
	    who);
	if (n == 0)
		die(EX_NOUSER, "there is no user %s", who);
	if (n > 1)
		die(EX_USAGE, "%s is two users; name one by id", who);
	return rows;
}

const struct user_list_row *
person_find(struct access *a, const char *who)
{
	struct opt_uuid id = { 0 };

	id.is = tenant_user(who, &id.v);
	return find(a, id, id.is ? (struct str){ 0 } : str_of(who), who);
}

const struct user_list_row *
person_by_id(struct access *a, struct uuid id)
{
	char text[UUID_TEXT];

	uuid_text(id, text);
	return find(a, (struct opt_uuid){ true, id }, (struct str){ 0 }, text);
}

void
person_print_head(void)
{
	printf("%-36s  %-6s  %-10s  %-9s  %4s  %-10s  %s\n", "ID", "KIND",
	    "PLAN", "STATUS", "KEYS", "SINCE", "NAME");
}

void
person_print(const struct user_list_row *row)
{
	char id[UUID_TEXT], since[CLOCK_TEXT];

	uuid_text(row->user_id, id);
	clock_text(row->created_at, since);
	printf("%-36s  %-6.*s  %-10.*s  %-9.*s  %4lld  %.10s  %.*s\n", id,
	    STR_ARGS(row->kind), STR_ARGS(row->plan_id),
	    STR_ARGS(row->is_ready ? row->status : STR("unready")),
	    (long long)row->keys, since, STR_ARGS(row->name));
}

static void
json_member(struct buf *b, const char *name, struct str value)
{
	buf_printf(b, ",\"%s\":", name);
	buf_json(b, value);
}

void
person_json(struct buf *b, const struct user_list_row *row)
{
	buf_puts(b, "\"id\":");
	buf_uuid(b, row->user_id);
	json_member(b, "schema", row->schema_name);
	json_member(b, "name", row->name);
	json_member(b, "kind", row->kind);
	json_member(b, "plan", row->plan_id);
	json_member(b, "status", row->status);
	buf_printf(b, ",\"ready\":%s,\"keys\":%lld,\"created_at\":",
	    row->is_ready ? "true" : "false", (long long)row->keys);
	buf_time(b, row->created_at);
	buf_puts(b, ",\"last_login_at\":");
	if (row->last_login_at.is)
		buf_time(b, row->last_login_at.v);
	else
		buf_puts(b, "null");
}

void
person_flush(struct buf *b)
{
	if (b->failed)
		die(EXIT_FAILURE, "no memory");
	fwrite(b->p, 1, b->n, stdout);
	b->n = 0;
}
