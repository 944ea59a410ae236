-- plan_list: lists all plans, smallest first
-- out:   plan_id text, name text, credits_per_day int8,
--        requests_per_minute int4, storage_bytes int8, streams int4
-- shape: many
-- db:    live
SELECT id AS plan_id, name, credits_per_day, requests_per_minute,
	storage_bytes, streams
FROM io7.plans
ORDER BY credits_per_day, id
