-- runs_active: counts the runs of locked jobs that have not ended
-- in:    users uuid[], modes text[], job_ids text[]
-- out:   active int8
-- shape: many
-- db:    live
--
-- In the order of the jobs. The statement that locks the jobs cannot count: it does not
-- see runs that were added while it waited for the lock.
SELECT r.active
FROM unnest($1::uuid[], $2::text[], $3::text[]) WITH ORDINALITY
	AS j (user_id, mode, job_id, place)
CROSS JOIN LATERAL (
	SELECT count(*) AS active
	FROM io7.cron_runs AS r
	WHERE r.user_id = j.user_id AND r.mode = j.mode AND r.job_id = j.job_id
		AND r.status IN ('queued', 'running')
) AS r
ORDER BY j.place
