/*
 * Arrays of one length.
 */
#include "lib/base/columns.h"

void *
columns_add(struct columns *c, size_t item_size)
{
	void *items = arena_alloc(c->mem, c->n * item_size);

	if (!items)
		c->failed = true;
	return items;
}

struct array
columns_array(const struct columns *c, const void *items)
{
	return (struct array){ items, c->n };
}
