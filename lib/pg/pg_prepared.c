/*
 * A hash table of (statement, schema) with the clock algorithm: the hand evicts
 * the first entry that was not used since it last passed. This approximates
 * least-recently-used with one bit, and a hit moves nothing.
 *
 * Most tenants are met once in the life of a connection. So a statement of a
 * tenant gets a name when it is met again: until then it takes neither memory on
 * the server nor a message that deallocates it.
 */
#include "lib/pg/pg_impl.h"

#include "lib/base/fnv.h"
#include "lib/base/panic.h"

/*
 * What a backend keeps, as measured with PostgreSQL 15: catalogue for each
 * tenant, and plans of a size that follows from their text. Plans may take
 * PLANS_MAX, and what the tenants that are not met yet will need.
 */
enum {
	TENANT_BYTES = 24 << 10,
	PLAN_BYTES = 6 << 10,
	PLAN_BYTES_PER_CHAR = 110,
	PLANS_MAX = 8 << 20,
};

/* The size of `met`, of which at most half is used. */
enum { MET_PER_TENANT = 8 };

struct entry {
	const struct stmt *stmt; /* NULL: free */
	char schema[64];
	uint32_t number; /* its name on the server is "s" and the number */
	bool used;
};

/* Hashes, in open addressing; 0: free. Two that are equal count as one. */
struct met {
	uint32_t *hashes;
	size_t size, n;
};

struct pg_prepared {
	struct entry *entries;
	uint32_t *heads; /* index + 1 of the first entry of a bucket; 0: none */
	uint32_t *next;  /* index + 1 of the next entry; 0: none */
	size_t limit, hand, plan_bytes;
	uint32_t numbers;
	struct met met; /* tenants, and their statements */
	size_t tenants, tenants_max;
};

struct pg_prepared *
pg_prepared_new(size_t limit, size_t tenants_max)
{
	struct pg_prepared *p = calloc(1, sizeof(*p));

	if (limit == 0)
		limit = 1;
	if (p) {
		p->limit = limit;
		p->tenants_max = tenants_max;
		p->entries = calloc(limit, sizeof(*p->entries));
		p->heads = calloc(limit, sizeof(*p->heads));
		p->next = calloc(limit, sizeof(*p->next));
		p->met.size = (tenants_max + 1) * MET_PER_TENANT;
		p->met.hashes = calloc(p->met.size, sizeof(*p->met.hashes));
	}
	if (!p || !p->entries || !p->heads || !p->next || !p->met.hashes)
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
	free(p->met.hashes);
	free(p);
}

void
pg_prepared_clear(struct pg_prepared *p)
{
	memset(p->entries, 0, p->limit * sizeof(*p->entries));
	memset(p->heads, 0, p->limit * sizeof(*p->heads));
	memset(p->met.hashes, 0, p->met.size * sizeof(*p->met.hashes));
	p->met.n = 0;
	p->hand = p->plan_bytes = p->tenants = 0;
}

bool
pg_prepared_is_full(const struct pg_prepared *p)
{
	return p->tenants >= p->tenants_max || p->met.n >= p->met.size / 2;
}

/* True if the hash is new. */
static bool
meet(struct met *met, uint64_t hash)
{
	uint32_t short_hash = (uint32_t)(hash >> 32) | 1;
	size_t i = (size_t)(hash % met->size);

	while (met->hashes[i] && met->hashes[i] != short_hash)
		i = (i + 1) % met->size;
	if (met->hashes[i])
		return false;
	/* In the middle of a transaction the connection cannot be replaced. */
	if (met->n < met->size - 1) {
		met->hashes[i] = short_hash;
		met->n++;
	}
	return true;
}

static uint64_t
hash_of(const struct stmt *stmt, const char *schema)
{
	uint64_t h = fnv(FNV_START ^ (uintptr_t)stmt, schema, strlen(schema));

	return h ^ h >> 29;
}

static size_t
bucket_of(const struct pg_prepared *p, uint64_t hash)
{
	return (size_t)(hash % p->limit);
}

static size_t
plan_size(const struct stmt *stmt)
{
	return PLAN_BYTES + PLAN_BYTES_PER_CHAR * strlen(stmt->sql);
}

static void
remove_entry(struct pg_prepared *p, size_t i)
{
	struct entry *e = &p->entries[i];
	uint32_t *at = &p->heads[bucket_of(p, hash_of(e->stmt, e->schema))];

	while (*at != i + 1)
		at = &p->next[*at - 1];
	*at = p->next[i];
	p->plan_bytes -= plan_size(e->stmt);
	e->stmt = NULL;
}

/* Moves the hand to the next entry that is free, or that may be evicted. */
static struct entry *
turn(struct pg_prepared *p)
{
	for (;;) {
		struct entry *e = &p->entries[p->hand];

		if (!e->stmt || !e->used)
			return e;
		e->used = false;
		p->hand = (p->hand + 1) % p->limit;
	}
}

/* Frees the next entry, and leaves the hand behind it. */
static size_t
evict(struct pg_prepared *p, struct pg_statement_name *name)
{
	struct entry *e = turn(p);
	size_t i = p->hand;

	if (e->stmt) {
		snprintf(name->evicted[name->n_evicted++], PG_NAME, "s%u",
		    e->number);
		remove_entry(p, i);
	}
	p->hand = (i + 1) % p->limit;
	return i;
}

static size_t
plans_max(const struct pg_prepared *p)
{
	size_t left =
	    p->tenants < p->tenants_max ? p->tenants_max - p->tenants : 0;

	return PLANS_MAX + left * TENANT_BYTES;
}

/* If PG_EVICTED are not enough, later calls evict the rest. */
static size_t
make_room(struct pg_prepared *p, size_t bytes, struct pg_statement_name *name)
{
	size_t i = evict(p, name);

	while (p->plan_bytes && p->plan_bytes + bytes > plans_max(p) &&
	    name->n_evicted < PG_EVICTED)
		evict(p, name);
	return i;
}

static struct entry *
find_entry(struct pg_prepared *p, const struct stmt *stmt, const char *schema,
    uint64_t hash)
{
	for (uint32_t at = p->heads[bucket_of(p, hash)]; at;
	     at = p->next[at - 1]) {
		struct entry *e = &p->entries[at - 1];

		if (e->stmt == stmt && strcmp(e->schema, schema) == 0)
			return e;
	}
	return NULL;
}

static struct entry *
add_entry(struct pg_prepared *p, const struct stmt *stmt, const char *schema,
    uint64_t hash, struct pg_statement_name *name)
{
	size_t bytes = plan_size(stmt), i = make_room(p, bytes, name);
	size_t bucket = bucket_of(p, hash);
	struct entry *e = &p->entries[i];

	*e = (struct entry){ .stmt = stmt, .number = p->numbers++ };
	snprintf(e->schema, sizeof(e->schema), "%s", schema);
	p->next[i] = p->heads[bucket];
	p->heads[bucket] = (uint32_t)i + 1;
	p->plan_bytes += bytes;
	return e;
}

void
pg_prepared_find(struct pg_prepared *p, const struct stmt *stmt,
    const char *schema, struct pg_statement_name *name)
{
	const char *key = schema ? schema : "";
	uint64_t hash = hash_of(stmt, key);
	struct entry *e = find_entry(p, stmt, key, hash);

	*name = (struct pg_statement_name){ .known = e };
	if (!e && schema) {
		p->tenants += meet(&p->met, hash_of(NULL, key));
		if (meet(&p->met, hash))
			return;
	}
	if (!e)
		e = add_entry(p, stmt, key, hash, name);
	e->used = true;
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
			remove_entry(p, i);
	}
}
