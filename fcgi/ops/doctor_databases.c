/*
 * The doctor's check of user databases: whether more can be created.
 */
#include "fcgi/ops/doctor.h"

#include "fcgi/userdb/options.h"
#include "fcgi/userdb/provider.h"

void
doctor_databases(struct doctor *d, enum mode unused, struct finding *f)
{
	const char *name = ROOM_OPTIONS(userdb, d->conf)->provider;
	const struct provider *provider = provider_find(str_of(name));
	const char *why = "";
	enum err e =
	    provider->check(ops_db_service(&d->app, d->conf), d->app.mem, &why);

	(void)unused;
	find(f, e == OK ? VERDICT_OK : VERDICT_WARN, "%s", why);
}
