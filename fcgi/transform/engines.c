/*
 * The engines.
 */
#include "fcgi/transform/engines.h"

const struct engine *const engines[] = {
	&engine_jq,
	&engine_patch,
	&engine_merge,
	&engine_model,
};

const size_t engines_count = ARRAY_LEN(engines);

const char *const engine_names[] = { "jq", "patch", "merge", "model", NULL };

const struct engine *
engine_find(struct str name)
{
	for (size_t i = 0; i < engines_count; i++)
		if (str_eq(name, str_of(engines[i]->name)))
			return engines[i];
	return NULL;
}
