-- due_advance: records what was decided of locked jobs, and what is next
-- in:    users uuid[], modes text[], job_ids text[], decided timestamptz[],
--        next timestamptz[]
-- shape: none
-- db:    live
--
-- 1970 is no next time.
UPDATE io7.cron_due AS d
SET decided_at = j.decided_at, next_at = nullif(j.next_at, 'epoch')
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[])
	AS j (user_id, mode, job_id, decided_at, next_at)
WHERE d.user_id = j.user_id AND d.mode = j.mode AND d.job_id = j.job_id
