-- run_output: records the output of an attempt so far
-- in:    run_id uuid, attempt int4, output bytea
-- shape: none
-- db:    live
UPDATE io7.cron_runs SET output = $3::bytea, output_bytes = octet_length($3::bytea)
WHERE id = $1 AND attempt = $2 AND status = 'running'
