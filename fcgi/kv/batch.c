/*
 * A batch that writes locks the slots of its keys and their rows, so that no other
 * transaction can change or create them. The operations are carried out in memory,
 * and the final state of the keys is written at the end: four round trips for
 * any number of operations.
 *
 * The size and the printed form of a new value are known to PostgreSQL only.
 * They are read together with the rows (as `unstored`) if a get needs the form,
 * or if the storage is so tight that each put has to be checked by itself.
 */
#include "fcgi/kv/batch.h"

#include "fcgi/kv/kv.h"
#include "lib/json/json.h"
#include "stmts/kv.h"

enum { TRIES = 3, SLOTS = 16 };

/* A key: first as it is stored, then as the operations leave it. */
struct key_state {
	struct str key;
	bool is_stored, exists;
	bool is_put, is_deleted; /* to be written */
	bool is_wanted;          /* a get reads its value */
	bool needs_unstored; /* a get reads what a put of the batch stores */
	int64_t version, bytes;
	struct str value; /* as a get shows it; without p if too large */
	struct str text;  /* as a put sent it */
	struct opt_int64 expires_at;
	int32_t slot;
};

struct slot {
	bool is_locked;
	int64_t version;
};

struct run {
	struct tenant_tx *tx;
	struct arena *mem;
	struct batch *batch;
	struct key_state *states;
	size_t n_states;
	struct slot slots[SLOTS];
	int64_t stored_bytes, now;
	bool checks_storage; /* at each put; needs the size of all new values */
	bool has_written;
	size_t n_unstored;
	struct keys_read_row *unstored;
	size_t found_bytes; /* of values that were read */
};

/* --- Distinct keys -------------------------------------------------------- */

struct sorted_op {
	struct batch_op *op;
};

/* By key, then in the order of the request. */
static int
compare_ops(const void *a, const void *b)
{
	const struct batch_op *left = ((const struct sorted_op *)a)->op;
	const struct batch_op *right = ((const struct sorted_op *)b)->op;
	size_t n = left->key.n < right->key.n ? left->key.n : right->key.n;
	int order = memcmp(left->key.p, right->key.p, n);

	if (order == 0)
		order =
		    (left->key.n > right->key.n) - (left->key.n < right->key.n);
	return order ? order : (left > right) - (left < right);
}

/* Notes what an operation needs of its key. */
static void
note_op(struct key_state *state, const struct batch_op *op)
{
	state->key = op->key;
	if (op->verb == BATCH_PUT)
		state->is_put = true;
	if (op->verb != BATCH_GET)
		return;
	state->is_wanted = true;
	if (state->is_put)
		state->needs_unstored = true;
}

static enum err
find_keys(struct run *p)
{
	struct batch *b = p->batch;
	struct sorted_op *sorted = arena_alloc(p->mem, b->n * sizeof(*sorted));

	p->states = arena_alloc(p->mem, b->n * sizeof(*p->states));
	if (!sorted || !p->states)
		return E_TOO_LARGE;
	for (size_t i = 0; i < b->n; i++)
		sorted[i].op = &b->ops[i];
	qsort(sorted, b->n, sizeof(*sorted), compare_ops);
	for (size_t i = 0; i < b->n; i++) {
		struct batch_op *op = sorted[i].op;
		bool same = i && str_eq(sorted[i - 1].op->key, op->key);

		p->n_states += !same;
		op->key_nr = p->n_states - 1;
		note_op(&p->states[op->key_nr], op);
	}
	return OK;
}

/* --- Reading -------------------------------------------------------------- */

static bool
has_only_gets(const struct batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->ops[i].verb != BATCH_GET)
			return false;
	return true;
}

static void *
column(struct run *p, size_t item)
{
	return arena_alloc(p->mem, (p->batch->n + 1) * item);
}

static enum err
lock_slots(struct run *p, struct array keys)
{
	struct slots_lock_row *rows;
	size_t n;
	enum err e = slots_lock(p->tx, keys, &rows, &n);

	if (e != OK)
		return e;
	memset(p->slots, 0, sizeof(p->slots));
	for (size_t i = 0; i < n; i++) {
		if (rows[i].slot < 0 || rows[i].slot >= SLOTS)
			return E_INTERNAL;
		p->slots[rows[i].slot] = (struct slot){ true, rows[i].version };
		p->stored_bytes = rows[i].stored_bytes;
		p->now = rows[i].locked_at;
	}
	return OK;
}

/* The new values whose form or size must be known. */
static struct array
choose_unstored(struct run *p, struct str *values)
{
	struct batch *b = p->batch;

	p->n_unstored = 0;
	for (size_t i = 0; i < b->n; i++) {
		struct batch_op *op = &b->ops[i];

		if (op->verb != BATCH_PUT)
			continue;
		if (!p->checks_storage && !p->states[op->key_nr].needs_unstored)
			continue;
		op->unstored_nr = p->n_unstored;
		values[p->n_unstored++] = op->value;
	}
	return (struct array){ values, p->n_unstored };
}

static void
set_state(struct key_state *state, const struct keys_read_row *row)
{
	state->is_stored = state->exists = row->version.is;
	state->is_put = state->is_deleted = false;
	state->version = row->version.v;
	state->bytes = row->bytes.v;
	state->value = row->value;
	state->expires_at = row->expires_at;
	state->slot = row->slot.v;
}

static enum err
read_keys(struct run *p, struct array keys)
{
	bool *wanted = column(p, sizeof(*wanted));
	struct str *values = column(p, sizeof(*values));
	struct keys_read_row *rows;
	struct array unstored;
	size_t n;
	enum err e;

	if (!wanted || !values)
		return E_TOO_LARGE;
	for (size_t i = 0; i < p->n_states; i++)
		wanted[i] = p->states[i].is_wanted;
	unstored = choose_unstored(p, values);
	e = keys_read(p->tx, keys, (struct array){ wanted, keys.n },
	    BATCH_VALUES, unstored, batch_writes(p->batch), &rows, &n);
	if (e != OK)
		return e;
	if (n != p->n_states + p->n_unstored)
		return E_INTERNAL;
	for (size_t i = 0; i < p->n_states; i++)
		set_state(&p->states[i], &rows[i]);
	p->unstored = rows + p->n_states;
	return OK;
}

/* All operations are gets. The rows come in the order of the states. */
static enum err
get_keys(struct run *p, struct array keys)
{
	struct keys_get_row *rows;
	size_t n, at = 0;
	enum err e = keys_get(p->tx, keys, BATCH_VALUES, &rows, &n);

	if (e != OK)
		return e;
	for (size_t i = 0; i < p->n_states && at < n; i++) {
		struct key_state *state = &p->states[i];

		if (!str_eq(state->key, rows[at].key))
			continue;
		state->exists = true;
		state->version = rows[at].version;
		state->value = rows[at].value;
		state->expires_at = rows[at].expires_at;
		at++;
	}
	return at == n ? OK : E_INTERNAL;
}

/* --- Operations ----------------------------------------------------------- */

static enum batch_status
do_get(struct run *p, struct batch_op *op, struct key_state *state)
{
	if (!state->exists)
		return BATCH_NOT_FOUND;
	if (!state->value.p || state->value.n > BATCH_VALUES - p->found_bytes)
		return BATCH_TOO_LARGE;
	p->found_bytes += state->value.n;
	op->found = state->value;
	return BATCH_OK;
}

static bool
fits_storage(struct run *p, const struct batch_op *op, struct key_state *state)
{
	int64_t bytes, grown;

	if (!p->checks_storage)
		return true;
	bytes = KV_ROW_BYTES + (int64_t)op->key.n +
	    p->unstored[op->unstored_nr].bytes.v;
	grown = bytes - state->bytes;
	if (grown > 0 && p->stored_bytes + grown > p->batch->storage_bytes)
		return false;
	p->stored_bytes += grown;
	state->bytes = bytes;
	return true;
}

static enum batch_status
do_put(struct run *p, struct batch_op *op, struct key_state *state)
{
	if (!fits_storage(p, op, state))
		return BATCH_STORAGE_FULL;
	op->created = !state->exists;
	p->has_written = true;
	state->exists = state->is_put = true;
	state->is_deleted = false;
	state->version = ++p->slots[state->slot].version;
	state->text = op->value;
	if (p->checks_storage || state->needs_unstored)
		state->value = p->unstored[op->unstored_nr].value;
	state->expires_at = op->ttl_s;
	if (op->ttl_s.is)
		state->expires_at.v = p->now + op->ttl_s.v * US_PER_S;
	return BATCH_OK;
}

static enum batch_status
do_delete(struct run *p, struct batch_op *op, struct key_state *state)
{
	(void)op;
	if (!state->exists)
		return BATCH_NOT_FOUND;
	p->has_written = true;
	state->exists = state->is_put = false;
	state->is_deleted = state->is_stored;
	p->stored_bytes -= state->bytes;
	state->bytes = 0;
	return BATCH_OK;
}

static enum batch_status
do_check(struct run *p, struct batch_op *op, struct key_state *state)
{
	(void)p;
	(void)op;
	(void)state;
	return BATCH_OK;
}

static enum batch_status (*const verbs[])(struct run *, struct batch_op *,
    struct key_state *) = {
	[BATCH_GET] = do_get,
	[BATCH_PUT] = do_put,
	[BATCH_DELETE] = do_delete,
	[BATCH_CHECK] = do_check,
};

/* The error of an atomic batch with such an operation. */
static enum err
error_of(enum batch_status status)
{
	switch (status) {
	case BATCH_CONFLICT:
		return E_CONFLICT;
	case BATCH_STORAGE_FULL:
		return E_STORAGE_FULL;
	case BATCH_TOO_LARGE:
		return E_TOO_LARGE;
	case BATCH_OK:
	case BATCH_NOT_FOUND:
		break;
	}
	return OK;
}

static enum err
do_all(struct run *p)
{
	struct batch *b = p->batch;
	enum err e = OK;

	p->found_bytes = 0;
	p->has_written = false;
	for (size_t i = 0; i < b->n && e == OK; i++) {
		struct batch_op *op = &b->ops[i];
		struct key_state *state = &p->states[op->key_nr];
		int64_t version = state->exists ? state->version : 0;

		if (op->if_version.is && op->if_version.v != version)
			op->status = BATCH_CONFLICT;
		else
			op->status = verbs[op->verb](p, op, state);
		op->version = state->exists ? state->version : 0;
		op->expires_at =
		    state->exists ? state->expires_at : (struct opt_int64){ 0 };
		b->failed = i;
		if (b->is_atomic)
			e = error_of(op->status);
	}
	return e;
}

/* --- Writing -------------------------------------------------------------- */

/* The parameters of keys_write. */
struct columns {
	struct str *keys, *values, *deleted;
	int64_t *versions, *expiries, *slot_versions;
	int32_t *slots;
	size_t n_put, n_deleted, n_slots;
};

static bool
open_columns(struct run *p, struct columns *c)
{
	*c = (struct columns){
		.keys = column(p, sizeof(*c->keys)),
		.values = column(p, sizeof(*c->values)),
		.deleted = column(p, sizeof(*c->deleted)),
		.versions = column(p, sizeof(*c->versions)),
		.expiries = column(p, sizeof(*c->expiries)),
		.slot_versions = arena_alloc(p->mem, SLOTS * sizeof(int64_t)),
		.slots = arena_alloc(p->mem, SLOTS * sizeof(int32_t)),
	};
	return c->keys && c->values && c->deleted && c->versions &&
	    c->expiries && c->slot_versions && c->slots;
}

static void
fill_columns(struct run *p, struct columns *c)
{
	for (size_t i = 0; i < p->n_states; i++) {
		const struct key_state *state = &p->states[i];

		if (state->is_deleted)
			c->deleted[c->n_deleted++] = state->key;
		if (!state->is_put)
			continue;
		c->keys[c->n_put] = state->key;
		c->values[c->n_put] = state->text;
		c->versions[c->n_put] = state->version;
		c->expiries[c->n_put] =
		    state->expires_at.is ? state->expires_at.v : 0;
		c->n_put++;
	}
	for (int32_t i = 0; i < SLOTS; i++) {
		if (!p->slots[i].is_locked)
			continue;
		c->slots[c->n_slots] = i;
		c->slot_versions[c->n_slots++] = p->slots[i].version;
	}
}

static enum err
write_keys(struct run *p)
{
	struct keys_write_row *row;
	struct columns c;

	if (!open_columns(p, &c))
		return E_TOO_LARGE;
	fill_columns(p, &c);
	return keys_write(p->tx, (struct array){ c.keys, c.n_put },
	    (struct array){ c.values, c.n_put },
	    (struct array){ c.versions, c.n_put },
	    (struct array){ c.expiries, c.n_put },
	    (struct array){ c.deleted, c.n_deleted },
	    (struct array){ c.slots, c.n_slots },
	    (struct array){ c.slot_versions, c.n_slots },
	    p->checks_storage ? INT64_MAX : p->batch->storage_bytes, &row);
}

static enum err
run_once(struct tenant_tx *tx, void *context)
{
	struct run *p = context;
	struct str *keys = column(p, sizeof(*keys));
	struct array all = { keys, p->n_states };
	enum err e = OK;

	p->tx = tx;
	if (!keys)
		return E_TOO_LARGE;
	for (size_t i = 0; i < p->n_states; i++)
		keys[i] = p->states[i].key;
	if (batch_writes(p->batch))
		e = lock_slots(p, all);
	if (e == OK)
		e = has_only_gets(p->batch) ? get_keys(p, all)
					    : read_keys(p, all);
	if (e == OK)
		e = do_all(p);
	return e == OK && p->has_written ? write_keys(p) : e;
}

/*
 * The first try does not check the storage of each put; keys_write checks their
 * sum. If that fails, the second try checks each, so that an independent batch
 * stores what fits.
 */
enum err
batch_run(struct tenant_tx *tx, struct arena *mem, struct batch *b)
{
	struct run p = { .mem = mem, .batch = b };
	enum err e = find_keys(&p);

	if (e != OK)
		return e;
	if (!batch_writes(b))
		return run_once(tx, &p);
	do
		e = tenant_transact(tx, TRIES, run_once, &p);
	while (kv_sweep_expired(tx, e));
	if (e != E_STORAGE_FULL)
		return e;
	p.checks_storage = true;
	return tenant_transact(tx, TRIES, run_once, &p);
}
