-- store_size: returns the bytes in the caller's store, as the plan counts them
-- out:   bytes int8
-- shape: one
SELECT coalesce(sum(bytes), 0)::int8 AS bytes FROM {tenant}.kv_slot
