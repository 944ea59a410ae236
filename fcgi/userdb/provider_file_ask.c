/*
 * Pipelines of io7 itself, of the provider `file`. They wait for the keeper, and
 * may run as many statements as they have.
 */
#include "fcgi/userdb/provider_file_impl.h"

static enum err
fault(struct userdb_ask *a, enum err e, const char *sentence)
{
	a->why = sentence ? arena_copy(a->mem, sentence, strlen(sentence))
			  : provider_file_sentence(e);
	if (!a->why)
		a->why = "The database is not available.";
	if (e != E_NOT_FOUND)
		return e;
	/* A registered database without a file is a fault of this host. */
	userdb_forget(a->db);
	return E_INTERNAL;
}

static enum err
follow(struct userdb_ask *a, struct keepers *k, struct buf *answer)
{
	const char *sentence = NULL;
	enum keeper_state state;
	struct str piece;
	enum err e;

	do {
		state = keeper_wait(k, &piece);
		if (state == KEEPER_OUTPUT)
			buf_str(answer, piece);
		else if (state == KEEPER_CREDIT)
			keeper_allow(k, true);
	} while (state != KEEPER_DONE && state != KEEPER_FAILED);
	if (state == KEEPER_FAILED) {
		e = keeper_fault(k, &sentence);
		return fault(a, e, sentence);
	}
	return answer->failed
	    ? fault(a, E_TOO_LARGE,
		  "The answer is too large. The statements have run.")
	    : OK;
}

/* The answer is {"message","code"}: the pipeline as a whole was refused. */
static enum err
refused(struct userdb_ask *a, int status, struct str answer)
{
	const struct json *tree = NULL;
	struct json_fault at;
	struct str message = { 0 };

	if (json_parse(a->mem, answer, &tree, &at) == OK)
		message = json_text(json_get(tree, "message"));
	a->why = message.p ? arena_copy(a->mem, message.p, message.n) : NULL;
	if (!a->why)
		a->why = "The database refused the statements.";
	return status == 413 ? E_TOO_LARGE
	    : status < 500   ? E_BAD_REQUEST
			     : E_UNAVAILABLE;
}

enum err
provider_file_ask(struct userdb_ask *a, const struct hrana_call *call,
    struct str *answer)
{
	struct keepers *k = provider_file_keepers(a->service);
	struct keeper_order order = {
		.kind = KEEPER_PIPELINE,
		.version = call->version,
		.name = a->db->name,
		.may_write = call->may_write,
		.size_max = call->size_max,
		.deadline_ns = a->deadline_ns,
		.body = call->body,
	};
	const char *sentence = NULL;
	int status = 0;
	struct buf b;
	enum err e = keeper_begin(k, &order);

	if (e != OK) {
		e = keeper_fault(k, &sentence);
		return fault(a, e, sentence);
	}
	buf_init(&b, a->mem);
	e = follow(a, k, &b);
	if (e == OK) {
		provider_file_learn(a->db, keeper_result(k));
		status = keeper_result(k)->status;
	}
	keeper_end(k);
	*answer = buf_view(&b);
	return status >= 400 ? refused(a, status, *answer) : e;
}
