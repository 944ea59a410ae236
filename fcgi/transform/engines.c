/*
 * The list of engines.
 */
#include "fcgi/transform/engines.h"

static const struct engine *const engines[] = {
	&engine_jq,
	&engine_patch,
	&engine_merge,
	&engine_model,
};

const struct engine *
engine_find(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(engines); i++)
		if (str_eq(name, str_of(engines[i]->name)))
			return engines[i];
	return NULL;
}

void
engine_list(struct buf *b)
{
	for (size_t i = 0; i < ARRAY_LEN(engines); i++)
		buf_printf(b, "%s%s", i ? ", " : "", engines[i]->name);
}
