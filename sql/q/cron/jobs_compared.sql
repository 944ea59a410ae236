-- jobs_compared: records when the jobs of a database were compared with the index
-- in:    user_id uuid, mode text, at timestamptz, is_to_repeat bool
-- shape: none
-- db:    live
--
-- A change of the last 30 seconds may have been in an open transaction.
UPDATE io7.user_databases
SET jobs_compared_at = $3,
	jobs_changed_at = CASE
		WHEN $4 OR jobs_changed_at > $3::timestamptz - interval '30 seconds'
		THEN jobs_changed_at END
WHERE user_id = $1 AND mode = $2
