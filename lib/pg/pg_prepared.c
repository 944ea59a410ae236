/*
 * A hash table of (statement, schema) with the clock algorithm: the hand evicts
 * the first entry that was not used since it last passed. This approximates
 * least-recently-used with one bit, and a hit moves nothing.
 */
#include "lib/pg/pg_impl.h"

#include "lib/base/fnv.h"
#include "lib/base/panic.h"

struct entry {
	const struct stmt *stmt; /* NULL: free */
	char schema[64];
	uint32_t number; /* its name on the server is "s" and the number */
	bool used;
};

struct pg_prepared {
	struct entry *entries;
	uint32_t *heads; /* index + 1 of the first entry of a bucket; 0: none */
	uint32_t *next;  /* index + 1 of the next entry; 0: none */
	size_t limit, hand, total;
	uint32_t numbers;
};

struct pg_prepared *
pg_prepared_new(size_t limit)
{
	struct pg_prepared *p = calloc(1, sizeof(*p));

	if (limit == 0)
		limit = 1;
	if (p) {
		p->limit = limit;
		p->entries = calloc(limit, sizeof(*p->entries));
		p->heads = calloc(limit, sizeof(*p->heads));
		p->next = calloc(limit, sizeof(*p->next));
	}
	if (!p || !p->entries || !p->heads || !p->next)
		die(EXIT_FAILURE, "no memory for %zu statements", limit);
	return p;
}

void
pg_prepared_free(struct pg_prepared *p)
{
	if (!p)
		return;
	free(p->entries);
	free(p->heads);
	free(p->next);
	free(p);
}

void
pg_prepared_clear(struct pg_prepared *p)
{
	memset(p->entries, 0, p->limit * sizeof(*p->entries));
	memset(p->heads, 0, p->limit * sizeof(*p->heads));
	p->hand = 0;
	p->total = 0;
}

size_t
pg_prepared_total(const struct pg_prepared *p)
{
	return p->total;
}

static size_t
bucket_of(const struct pg_prepared *p, const struct stmt *stmt,
    const char *schema)
{
	uint64_t h = fnv(FNV_START ^ (uintptr_t)stmt, schema, strlen(schema));

	return (size_t)(h ^ h >> 29) % p->limit;
}

static void
unlink_entry(struct pg_prepared *p, size_t i)
{
	struct entry *e = &p->entries[i];
	uint32_t *at = &p->heads[bucket_of(p, e->stmt, e->schema)];

	while (*at != i + 1)
		at = &p->next[*at - 1];
	*at = p->next[i];
	e->stmt = NULL;
}

/* The index for a new entry: a free one, or one that is evicted. */
static size_t
find_free(struct pg_prepared *p, char evicted[PG_NAME])
{
	for (;;) {
		size_t i = p->hand;
		struct entry *e = &p->entries[i];

		p->hand = (p->hand + 1) % p->limit;
		if (e->stmt && e->used) {
			e->used = false;
			continue;
		}
		if (e->stmt) {
			snprintf(evicted, PG_NAME, "s%u", e->number);
			unlink_entry(p, i);
		}
		return i;
	}
}

void
pg_prepared_find(struct pg_prepared *p, const struct stmt *stmt,
    const char *schema, struct pg_statement_name *name)
{
	const char *key = schema ? schema : "";
	size_t bucket = bucket_of(p, stmt, key);
	struct entry *e;

	*name = (struct pg_statement_name){ .known = true };
	for (uint32_t at = p->heads[bucket]; at; at = p->next[at - 1]) {
		e = &p->entries[at - 1];
		if (e->stmt == stmt && strcmp(e->schema, key) == 0) {
			e->used = true;
			snprintf(name->name, PG_NAME, "s%u", e->number);
			return;
		}
	}

	size_t i = find_free(p, name->evicted);

	e = &p->entries[i];
	*e = (struct entry){ .stmt = stmt,
		.number = p->numbers++,
		.used = true };
	snprintf(e->schema, sizeof(e->schema), "%s", key);
	p->next[i] = p->heads[bucket];
	p->heads[bucket] = (uint32_t)i + 1;
	p->total++;
	name->known = false;
	snprintf(name->name, PG_NAME, "s%u", e->number);
}

void
pg_prepared_forget(struct pg_prepared *p, const char *name)
{
	char entry_name[PG_NAME];

	for (size_t i = 0; i < p->limit; i++) {
		if (!p->entries[i].stmt)
			continue;
		snprintf(entry_name, PG_NAME, "s%u", p->entries[i].number);
		if (strcmp(entry_name, name) == 0)
			unlink_entry(p, i);
	}
}
