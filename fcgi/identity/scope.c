/*
 * Scopes and their names.
 */
#include "fcgi/identity/scope.h"

const char *const scope_names[] = { "read", "write", "admin", "database",
	"database:read", NULL };

bool
scope_reads_database(unsigned scopes)
{
	return scopes & (SCOPE_READ | SCOPE_DATABASE | SCOPE_DATABASE_READ);
}

bool
scope_writes_database(unsigned scopes)
{
	const unsigned both = SCOPE_READ | SCOPE_WRITE;

	return scopes & SCOPE_DATABASE || (scopes & both) == both;
}

unsigned
scope_of(struct str name)
{
	for (size_t i = 0; i < SCOPE_COUNT; i++)
		if (str_eq(name, str_of(scope_names[i])))
			return 1U << i;
	return 0;
}

unsigned
scopes_of(struct str names)
{
	unsigned scopes = 0;
	struct str name;

	while (str_split(&names, ' ', &name))
		scopes |= scope_of(name);
	return scopes;
}

struct array
scope_list(unsigned scopes, struct str names[SCOPE_COUNT])
{
	struct array list = { names, 0 };

	for (size_t i = 0; i < SCOPE_COUNT; i++)
		if (scopes >> i & 1)
			names[list.n++] = str_of(scope_names[i]);
	return list;
}

void
buf_scopes(struct buf *b, unsigned scopes)
{
	const char *comma = "";

	buf_putc(b, '[');
	for (size_t i = 0; i < SCOPE_COUNT; i++) {
		if (!(scopes >> i & 1))
			continue;
		buf_printf(b, "%s\"%s\"", comma, scope_names[i]);
		comma = ",";
	}
	buf_putc(b, ']');
}
