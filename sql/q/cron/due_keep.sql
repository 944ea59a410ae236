-- due_keep: removes the jobs of a user from the index that are not in a list
-- in:    user_id uuid, mode text, job_ids text[], since timestamptz
-- shape: none
-- db:    live
--
-- Jobs that were added while the list was read stay.
DELETE FROM io7.cron_due
WHERE user_id = $1 AND mode = $2 AND job_id <> ALL ($3::text[]) AND indexed_at < $4
