-- usage_of_day: returns the live credits that the ledger has for a user and day
-- in:    user_id uuid, day date
-- out:   credits int8
-- shape: one
-- db:    live
SELECT coalesce(sum(credits), 0)::int8 AS credits
FROM io7.daily_usage
WHERE user_id = $1 AND date = $2 AND mode = 'live'
