/*
 * The chore kv-tend. Each run takes the next page of tenants, and the first
 * page after the last one. It removes expired keys in batches and copies the
 * sizes of the stores to the users table.
 */
#include "fcgi/kv/kv.h"
#include "lib/os/log.h"
#include "stmts/db.h"
#include "stmts/kv.h"

enum {
	TENANTS = 100, /* of each database in one run */
	BATCH = 500,   /* keys in one transaction */
	BATCHES = 20,  /* of one tenant in one run */
};

struct run {
	const struct service *service;
	struct arena *mem;
	enum mode mode;
	struct uuid users[TENANTS];
	int64_t sizes[TENANTS];
	size_t n;
	int64_t removed;
};

/* Adds to *removed; *swept is the row of the last batch. */
static enum err
sweep(struct tenant_tx *tx, int64_t *removed, struct kv_sweep_row **swept)
{
	enum err e = OK;

	for (int i = 0; i < BATCHES; i++) {
		e = kv_sweep(tx, BATCH, swept);
		if (e != OK)
			break;
		*removed += (*swept)->removed;
		if ((*swept)->removed < BATCH)
			break;
	}
	return e;
}

bool
kv_sweep_expired(struct tenant_tx *tx, enum err e)
{
	struct kv_sweep_row *swept;
	int64_t removed = 0;

	return e == E_STORAGE_FULL && sweep(tx, &removed, &swept) == OK &&
	    removed > 0;
}

static enum err
sweep_one(struct run *t, const struct tenant_list_row *row)
{
	struct tenant tenant = { .user = row->user_id };
	struct kv_sweep_row *swept = NULL;
	struct tenant_tx *tx;
	enum err e;

	tenant_name(tenant.user, tenant.schema);
	e = tenant_open(t->service->db, t->mem, &tenant, t->mode, &tx);
	if (e == OK)
		tenant_must_exist(tx);
	if (e == OK)
		e = sweep(tx, &t->removed, &swept);
	if (e != OK)
		return e;
	t->users[t->n] = tenant.user;
	t->sizes[t->n++] = swept->bytes;
	return OK;
}

static void
note_sizes(struct run *t)
{
	const struct array users = { t->users, t->n };
	const struct array sizes = { t->sizes, t->n };
	struct db_tx *tx = db_open(t->service->db, t->mem, MODE_LIVE);

	if (storage_set(tx, users, sizes, t->mode == MODE_LIVE, NULL) != OK)
		log_event(LOG_WARN, "sizes_not_noted", "%s", db_trouble(tx));
}

/* The place where the last run ended; without p at the start. */
static struct str
place_of(char place[64])
{
	return place[0] ? str_of(place) : (struct str){ NULL, 0 };
}

static void
sweep_database(struct run *t)
{
	static char places[MODE_COUNT][64];
	char *place = places[t->mode];
	struct tenant_list_row *rows;
	struct db_tx *tx = db_open(t->service->db, t->mem, t->mode);
	size_t n, failed = 0;

	if (tenant_list(tx, place_of(place), TENANTS, &rows, &n) != OK)
		return;
	for (size_t i = 0; i < n; i++)
		failed += sweep_one(t, &rows[i]) != OK;
	place[0] = '\0';
	if (n == TENANTS)
		snprintf(place, sizeof(places[0]), "%.*s",
		    STR_ARGS(rows[n - 1].schema_name));
	if (t->n)
		note_sizes(t);
	if (t->removed || failed)
		log_event(failed ? LOG_WARN : LOG_INFO, "keys_swept",
		    "%s: %lld expired keys removed; %zu of %zu tenants failed",
		    mode_name(t->mode), (long long)t->removed, failed, n);
}

void
kv_sweep_stores(const struct service *service, struct arena *mem)
{
	for (enum mode m = 0; m < MODE_COUNT; m++) {
		struct run *t = arena_alloc(mem, sizeof(*t));

		if (!t)
			return;
		t->service = service;
		t->mem = mem;
		t->mode = m;
		sweep_database(t);
	}
}
