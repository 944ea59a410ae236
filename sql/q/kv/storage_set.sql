-- storage_set: records the sizes of stores in the rows of their users
-- in:    user_ids uuid[], sizes int8[], is_live bool
-- shape: none
-- db:    live
UPDATE io7.users AS u
SET
	live_storage_bytes = CASE WHEN $3 THEN s.bytes
		ELSE u.live_storage_bytes END,
	test_storage_bytes = CASE WHEN $3 THEN u.test_storage_bytes
		ELSE s.bytes END
FROM unnest($1::uuid[], $2::int8[]) AS s (user_id, bytes)
WHERE u.id = s.user_id AND s.bytes <>
	CASE WHEN $3 THEN u.live_storage_bytes ELSE u.test_storage_bytes END
