-- runs_queued: records the items of the queue that do runs
-- in:    run_ids uuid[], work_ids int8[]
-- shape: none
-- db:    live
UPDATE io7.cron_runs AS r SET work_id = w.work_id
FROM unnest($1::uuid[], $2::bigint[]) AS w (run_id, work_id)
WHERE r.id = w.run_id
