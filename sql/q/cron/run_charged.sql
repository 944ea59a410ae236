-- run_charged: records that a run was charged
-- in:    run_id uuid
-- shape: none
-- db:    live
UPDATE io7.cron_runs SET is_charged = true WHERE id = $1
