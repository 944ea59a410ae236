/*
 * Hrana over HTTP. The name in the path must be that of the caller's own
 * database in the mode of the credential: it follows from the user's id, so that
 * no lookup is needed to refuse another one.
 */
#include "fcgi/userdb/handlers.h"

#include "fcgi/http/resp.h"
#include "fcgi/identity/principal.h"
#include "fcgi/userdb/provider.h"

static enum err
check_name(struct req *r)
{
	char own[USERDB_NAME_MAX + 1];

	userdb_name(r->principal->tenant.user, r->principal->mode, own);
	if (str_eq(r->params[0], str_of(own)))
		return OK;
	return fail_saying(r, E_NOT_FOUND,
	    "This credential has no database of that name.");
}

/* Clients only look at the status. */
enum err
userdb_get_version(struct req *r)
{
	enum err e = check_name(r);

	if (e != OK)
		return e;
	buf_puts(resp_body(r, 200), "Hrana over HTTP\n");
	r->answer.type = "text/plain";
	return OK;
}

static enum err
note_jobs(struct req *r, const struct userdb *db, const struct hrana_call *call)
{
	const char *why = "";
	enum err e;

	if (!call->may_write || !userdb_names_jobs(call->body))
		return OK;
	e = userdb_note_jobs(r->service, r->mem, db, &why);
	return e == OK ? OK : fail(r, e, "%s", why);
}

static enum err
run(struct req *r, bool is_cursor, int version)
{
	struct userdb *db;
	struct hrana_call call = {
		.is_cursor = is_cursor,
		.version = version,
		.may_write = scope_writes_database(r->principal->scopes),
		.body = r->body,
	};
	enum err e = check_name(r);

	if (e == OK)
		e = userdb_find(r, &db);
	if (e != OK)
		return e;
	call.size_max = userdb_size_max(db, r->principal->plan.storage_bytes);
	e = note_jobs(r, db, &call);
	if (e != OK)
		return e;
	e = provider_find(str_of(db->provider))->run(r, db, &call);
	userdb_note_size(r, db);
	return e;
}

enum err
userdb_post_pipeline_2(struct req *r)
{
	return run(r, false, 2);
}

enum err
userdb_post_pipeline_3(struct req *r)
{
	return run(r, false, 3);
}

enum err
userdb_post_cursor(struct req *r)
{
	return run(r, true, 3);
}
