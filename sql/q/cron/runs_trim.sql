-- runs_trim: deletes the oldest runs of jobs that have too many
-- in:    users uuid[], modes text[], job_ids text[], keep int8
-- shape: none
-- db:    live
--
-- Runs that have not ended stay.
DELETE FROM io7.cron_runs WHERE id IN (
	SELECT r.id
	FROM (SELECT DISTINCT user_id, mode, job_id
		FROM unnest($1::uuid[], $2::text[], $3::text[])
			AS j (user_id, mode, job_id)) AS j
	CROSS JOIN LATERAL (
		SELECT r.id
		FROM io7.cron_runs AS r
		WHERE r.user_id = j.user_id AND r.mode = j.mode AND r.job_id = j.job_id
			AND r.status NOT IN ('queued', 'running')
		ORDER BY r.due_at DESC, r.id DESC
		OFFSET $4
		LIMIT 1000
	) AS r
)
