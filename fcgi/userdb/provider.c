/*
 * The list of providers.
 */
#include "fcgi/userdb/provider.h"

static const struct provider *const providers[] = {
	&provider_file,
	&provider_turso,
};

const struct provider *
provider_find(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(providers); i++)
		if (str_eq(name, str_of(providers[i]->name)))
			return providers[i];
	return NULL;
}
