/*
 * The provider `turso`: databases at Turso, which any host of io7 can reach.
 * Clients talk to io7, and io7 to Turso: credentials, limits and credits are the
 * same as those of a file.
 */
#include "fcgi/userdb/turso.h"

#include "lib/os/clock.h"

/* All calls of a chore or a command for one database. */
#define CALLS 5

static struct turso
new_turso(const struct service *service, struct arena *mem)
{
	return (struct turso){
		.service = service,
		.mem = mem,
		.deadline_ns = clock_mono_ns() +
		    CALLS * ROOM_OPTIONS(userdb, service->conf)->turso_timeout,
		.why = "",
	};
}

static enum err
finish(const struct turso *t, enum err e, const char **why)
{
	if (e != OK)
		*why = t->why;
	return e;
}

static enum err
check(const struct service *service, struct arena *mem, const char **why)
{
	struct turso t = new_turso(service, mem);
	enum err e = turso_is_ready(&t);

	if (e == OK)
		e = turso_check(&t);
	*why = "created at Turso";
	return finish(&t, e, why);
}

static enum err
make(const struct service *service, struct arena *mem, struct userdb *db,
    const char **why)
{
	struct turso t = new_turso(service, mem);
	enum err e = turso_is_ready(&t);

	if (e == OK)
		e = turso_create(&t, db);
	if (e == OK)
		e = turso_mint(&t, db);
	if (e == OK)
		e = turso_upgrade(&t, db);
	if (e == OK)
		e = turso_measure(&t, db);
	return finish(&t, e, why);
}

static enum err
drop(const struct service *service, struct arena *mem, const struct userdb *db,
    const char **why)
{
	struct turso t = new_turso(service, mem);
	enum err e = turso_is_ready(&t);

	if (e == OK)
		e = turso_delete(&t, db);
	return finish(&t, e, why);
}

static enum err
facts(const struct service *service, struct arena *mem, struct userdb *db,
    const char **why)
{
	struct turso t = new_turso(service, mem);
	enum err e = turso_measure(&t, db);

	return finish(&t, e, why);
}

const struct provider provider_turso = {
	.name = "turso",
	.check = check,
	.make = make,
	.drop = drop,
	.run = turso_run,
	.ask = turso_ask,
	.facts = facts,
};
