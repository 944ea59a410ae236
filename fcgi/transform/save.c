/*
 * Saving by compare-and-set: two transforms of one key never undo each other.
 */
#include "fcgi/transform/save.h"

#include "fcgi/kv/kv.h"
#include "lib/os/clock.h"

static struct opt_int64
ttl_of(struct opt_int64 expires_at)
{
	int64_t left = expires_at.v - clock_wall_us();

	if (!expires_at.is)
		return (struct opt_int64){ 0 };
	return (struct opt_int64){ .is = true,
		.v = left < US_PER_S ? 1 : (left + US_PER_S - 1) / US_PER_S };
}

enum err
value_save(struct tenant_tx *tx, const struct value_save *save,
    struct kv_put_row **row)
{
	static const int64_t any = KV_ANY;
	struct array wanted = { 0 }, unwanted = { 0 };
	enum err e;

	if (save->seen)
		wanted = (struct array){ &save->seen, 1 };
	else
		unwanted = (struct array){ &any, 1 };
	do
		e = kv_put(tx, save->key, save->value, ttl_of(save->expires_at),
		    wanted, unwanted, (struct opt_int64){ 0 },
		    kv_row_max(save->body_max), save->store_max, row);
	while (kv_sweep_expired(tx, e));
	return e;
}
