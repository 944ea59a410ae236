-- usage_of_day: live credits that a user has used on a day, as far as written down
-- in:    user_id uuid, day date
-- out:   credits int8
-- shape: one
-- base:  live
SELECT coalesce(sum(credits), 0)::int8 AS credits
FROM io7.daily_usage
WHERE user_id = $1 AND date = $2 AND mode = 'live'
