-- run_get: returns a run of a user, with its output from a position on
-- in:    user_id uuid, mode text, run_id uuid, from_byte int4
-- out:   run_id uuid, job_id text, job_name text, status text, trigger text,
--        due_at timestamptz, started_at timestamptz?, finished_at timestamptz?,
--        attempt int4, attempts int4, error text?, missed int8, failures text,
--        output bytea?, output_bytes int4, output_cut bool
-- shape: maybe-one
-- db:    live
SELECT id AS run_id, job_id, job_name, status, trigger, due_at, started_at, finished_at,
	attempt, attempts, error, missed,
	failures::text AS failures, substr(output, $4 + 1) AS output, output_bytes,
	output_cut
FROM io7.cron_runs
WHERE user_id = $1 AND mode = $2 AND id = $3
