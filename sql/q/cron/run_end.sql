-- run_end: records how an attempt ended
-- in:    run_id uuid, attempt int4, now timestamptz, status text, error text?,
--        output bytea?, output_cut bool
-- shape: none
-- db:    live
--
-- With the status `queued` it is tried again, or it did not count: then there is no
-- error. An attempt whose runner was taken for lost records nothing.
UPDATE io7.cron_runs
SET status = $4, finished_at = CASE WHEN $4 <> 'queued' THEN $3::timestamptz END,
	error = $5::text, output = $6::bytea, output_bytes = coalesce(octet_length($6::bytea), 0),
	output_cut = $7,
	failures = CASE WHEN $4 = 'queued' AND $5::text IS NOT NULL
		THEN failures || jsonb_build_object('attempt', attempt,
			'started_at', io7.rfc3339(started_at),
			'finished_at', io7.rfc3339($3), 'error', $5::text)
		ELSE failures END
WHERE id = $1 AND attempt = $2 AND status = 'running'
