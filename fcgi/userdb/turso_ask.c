/*
 * Pipelines of io7 itself, of the provider `turso`.
 */
#include "fcgi/userdb/turso.h"

#include "lib/os/clock.h"
#include "lib/os/log.h"

static enum err
fault(struct userdb_ask *a, enum err e, const char *why)
{
	log_event(LOG_WARN, "database_not_asked", "%s: Turso: %s", a->db->name,
	    why);
	a->why = turso_sentence(e);
	if (!a->why)
		a->why = "The database is not available.";
	if (e != E_NOT_FOUND)
		return e;
	userdb_forget(a->db);
	return E_INTERNAL;
}

static enum err
fault_of_status(struct userdb_ask *a, bool writes, int status)
{
	if ((status == 402 || status == 403) && a->may_write && !writes) {
		a->why = "The storage of the plan is full.";
		return E_STORAGE_FULL;
	}
	return fault(a,
	    status == 404                        ? E_NOT_FOUND
		: status == 429 || status >= 500 ? E_UNAVAILABLE
						 : E_BAD_GATEWAY,
	    "the database refused a request of io7");
}

enum err
turso_ask(struct userdb_ask *a, const struct hrana_call *call,
    struct str *answer)
{
	const struct userdb_options *o = ROOM_OPTIONS(userdb, a->service->conf);
	struct turso t = {
		.service = a->service,
		.mem = a->mem,
		.deadline_ns = a->deadline_ns,
		.why = "",
	};
	struct fetch f = {
		.max = o->result_max + TURSO_AROUND,
		.body = call->body,
	};
	struct fetch_answer got = { 0 };
	struct turso_body in;
	bool writes;
	enum err e = turso_parse(a->mem, call->body, false, &in, &t.why);

	writes = e == OK && turso_may_write(a->db, call, &in);
	if (e == OK)
		e = turso_keep_up(&t, a->db);
	if (e == OK)
		e = turso_send(&t, a->db, writes, NULL, "v3/pipeline", &f,
		    &got);
	if (e != OK)
		return fault(a, e, t.why);
	if (got.status != 200)
		return fault_of_status(a, writes, got.status);
	if (call->may_write && !in.only_frees)
		turso_watch_size(&t, a->db, call->body.n);
	*answer = got.body;
	return OK;
}
