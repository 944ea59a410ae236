/*
 * How a request fails because of the service: what the client and the log get.
 */
#include "fcgi/userdb/turso.h"

#include "lib/json/json.h"

#define UNKNOWN "If a statement was running, its outcome is unknown."

const char *
turso_sentence(enum err e)
{
	switch (e) {
	case E_TIMEOUT:
		return "The service that keeps this database did not answer in"
		       " time. " UNKNOWN;
	case E_UNAVAILABLE:
		return "The service that keeps this database is not available;"
		       " try again shortly. " UNKNOWN;
	case E_BAD_GATEWAY:
		return "The service that keeps this database sent an unexpected"
		       " answer. " UNKNOWN;
	case E_NOT_FOUND:
		return "The service that keeps this database does not have it."
		       " Tell the operator of this host.";
	case E_CONFLICT:
		return "This database was changed by a newer version of io7."
		       " Tell the operator of this host.";
	default:
		return NULL;
	}
}

enum err
turso_fail(struct req *r, const struct userdb *db, enum err e, const char *why)
{
	if (e == E_NOT_FOUND)
		userdb_forget(db);
	fail(r, e == E_NOT_FOUND ? E_INTERNAL : e, "Turso: %s", why);
	r->fault.sentence = turso_sentence(e);
	return r->fault.err;
}

/* --- What the service says of a request ----------------------------------- */

static bool
say(struct req *r, struct str message, struct str code)
{
	if (!message.n || !code.n || !str_is_utf8(message))
		return false;
	fail_saying(r, E_BAD_REQUEST, arena_copy(r->mem, message.p, message.n));
	r->fault.flat_code = arena_copy(r->mem, code.p, code.n);
	return true;
}

/*
 * sqld answers 500 to a cursor with a statement that is wrong, and quotes the
 * reason: {"error":"Internal Error: `SQL string could not be parsed…`"}.
 */
static bool
say_quoted(struct req *r, const struct json *json)
{
	struct str rest = json_text(json_get(json, "error")), before;

	if (!str_split(&rest, '`', &before) ||
	    !str_eq(before, STR("Internal Error: ")) || rest.n < 2)
		return false;
	rest.n--;
	return say(r, rest,
	    str_starts(rest, STR("SQL string ")) ? STR("SQL_PARSE_ERROR")
						 : STR("SQL_INPUT_ERROR"));
}

bool
turso_fail_request(struct req *r, bool is_cursor,
    const struct fetch_answer *got)
{
	const struct json *json = NULL;
	struct json_fault fault;

	if (got->status != 400 && got->status != 500)
		return false;
	if (json_parse(r->mem, got->body, &json, &fault) != OK)
		return got->status == 400 &&
		    say(r, got->body, STR("PROTOCOL_ERROR"));
	return say(r, json_text(json_get(json, "message")),
		   json_text(json_get(json, "code"))) ||
	    (is_cursor && say_quoted(r, json));
}
