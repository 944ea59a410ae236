-- store_size: what the caller has stored, as the plan counts it
-- out:   bytes int8
-- shape: one
SELECT coalesce(sum(bytes), 0)::int8 AS bytes FROM {tenant}.kv_slot
