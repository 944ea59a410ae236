/*
 * The provider `file`: SQLite files of this host. Each open database has a process
 * of its own, a keeper, which the spawner starts at the first request.
 */
#include "fcgi/userdb/provider_file_impl.h"

#include "fcgi/options.h"
#include "fcgi/userdb/options.h"
#include "lib/os/clock.h"

#include <errno.h>
#include <unistd.h>

/* For chores and commands. */
#define CALL_NS (10 * NS_PER_S)

struct keepers *
provider_file_keepers(const struct service *service)
{
	static struct keepers *keepers;
	static pid_t owner;
	char path[512];

	/*
	 * A forked process must not read the answers to its parent. It does not
	 * close its connections: their descriptors may be others by now.
	 */
	if (keepers && owner == getpid())
		return keepers;
	owner = getpid();
	snprintf(path, sizeof(path), "%s/" USERDB_SPAWNER_SOCKET,
	    service->opts->run_dir);
	keepers = keepers_new(path);
	return keepers;
}

void
provider_file_learn(struct userdb *db, const struct keeper_result *result)
{
	if (!result->rows_written || !result->size)
		return;
	db->size = result->size;
	db->schema = result->schema;
}

/* --- Faults --------------------------------------------------------------- */

const char *
provider_file_sentence(enum err e)
{
	switch (e) {
	case E_NOT_FOUND:
		return "The file of this database is missing. Tell the operator"
		       " of this host.";
	case E_CONFLICT:
		return "This database was changed by a newer version of io7."
		       " Tell the operator of this host.";
	case E_INTERNAL:
		return "The file of this database is damaged. Tell the operator"
		       " of this host.";
	case E_STORAGE_FULL:
		return "The disk of the database's host is full.";
	case E_UNAVAILABLE:
		return "The database is not available; try again shortly."
		       " If a statement was running, its outcome is unknown.";
	case E_TIMEOUT:
		return "The database did not answer in time. The statement that"
		       " was running was interrupted.";
	default:
		return NULL;
	}
}

/* A registered database without a file is a fault of this host. */
enum err
provider_file_fail(struct req *r, const struct userdb *db, enum err e,
    const char *sentence)
{
	const char *copy = sentence
	    ? arena_copy(r->mem, sentence, strlen(sentence))
	    : provider_file_sentence(e);

	if (e == E_NOT_FOUND)
		userdb_forget(db);
	fail_saying(r, e == E_NOT_FOUND ? E_INTERNAL : e, copy);
	r->fault.detail = err_code(e);
	return r->fault.err;
}

enum err
provider_file_fault(struct req *r, const struct userdb *db,
    const struct keepers *k)
{
	const char *sentence = NULL;
	enum err e = keeper_fault(k, &sentence);

	return provider_file_fail(r, db, e, sentence);
}

/* --- Calls without a request ---------------------------------------------- */

static enum err
call(const struct service *service, const struct userdb *db,
    enum keeper_kind kind, bool make, struct keeper_result *result,
    const char **why)
{
	struct keepers *k = provider_file_keepers(service);
	struct keeper_order order = {
		.kind = kind,
		.name = db->name,
		.make = make,
		.may_write = true,
		.size_max = INT64_MAX,
		.deadline_ns = clock_mono_ns() + CALL_NS,
	};
	enum keeper_state state;
	struct str piece;
	enum err e = keeper_begin(k, &order);

	if (e != OK) {
		*why = "there is no spawner, or it has no keeper to spare";
		return e;
	}
	do
		state = keeper_wait(k, &piece);
	while (state != KEEPER_DONE && state != KEEPER_FAILED);
	if (state == KEEPER_FAILED) {
		e = keeper_fault(k, why);
		*why = *why ? *why : provider_file_sentence(e);
	} else if (result) {
		*result = *keeper_result(k);
	}
	keeper_end(k);
	return e;
}

static enum err
check(const struct service *service, struct arena *mem, const char **why)
{
	const char *folder = ROOM_OPTIONS(userdb, service->conf)->folder;

	(void)mem;
	*why = "files of this host";
	if (access(folder, F_OK) == 0 || errno == EACCES)
		return OK;
	*why = "there is no folder IO7_DATABASES yet: `io7 serve` creates it";
	return E_UNAVAILABLE;
}

static enum err
make(const struct service *service, struct arena *mem, struct userdb *db,
    const char **why)
{
	struct keeper_result result = { 0 };
	enum err e = call(service, db, KEEPER_FACTS, true, &result, why);

	(void)mem;
	db->url[0] = db->token[0] = '\0';
	db->size = result.size;
	db->schema = result.schema;
	return e;
}

static enum err
drop(const struct service *service, struct arena *mem, const struct userdb *db,
    const char **why)
{
	enum err e = call(service, db, KEEPER_DROP, false, NULL, why);

	(void)mem;
	return e == E_NOT_FOUND ? OK : e;
}

static enum err
facts(const struct service *service, struct arena *mem, struct userdb *db,
    const char **why)
{
	struct keeper_result result = { 0 };
	enum err e = call(service, db, KEEPER_FACTS, false, &result, why);

	(void)mem;
	if (e != OK)
		return e;
	db->size = result.size;
	db->schema = result.schema;
	return OK;
}

const struct provider provider_file = {
	.name = "file",
	.is_local = true,
	.check = check,
	.make = make,
	.drop = drop,
	.run = provider_file_run,
	.ask = provider_file_ask,
	.facts = facts,
	.save = provider_file_save,
	.load = provider_file_load,
};
