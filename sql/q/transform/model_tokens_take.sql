-- model_tokens_take: counts model tokens of an account in test mode on a day
-- in:    user_id uuid, day date, tokens int8, allowance int8
-- out:   used int8
-- shape: maybe-one
-- db:    live
--
-- No row: with these tokens the account would exceed the allowance, and nothing
-- is counted. Negative tokens are given back. A day before the last one is counted
-- on the last one: a call may end after midnight.
INSERT INTO io7.model_tokens AS t (user_id, day, tokens)
SELECT $1, $2, greatest($3::int8, 0) WHERE $3::int8 <= $4::int8
ON CONFLICT (user_id) DO UPDATE SET
	day = greatest(t.day, excluded.day),
	tokens = greatest(CASE WHEN t.day >= excluded.day THEN t.tokens
		ELSE 0 END + $3::int8, 0)
WHERE CASE WHEN t.day >= excluded.day THEN t.tokens ELSE 0 END
	+ $3::int8 <= $4::int8
RETURNING tokens AS used
