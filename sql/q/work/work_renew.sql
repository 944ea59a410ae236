-- work_renew: extends the leases of a runner, and returns which it still has
-- in:    runner text, ids int8[], lease_us int8
-- out:   id int8
-- shape: many
-- db:    live
UPDATE io7.work
SET lease_until = clock_timestamp() + $3::int8 * interval '1 us'
WHERE id = ANY ($2) AND state = 'running' AND claimed_by = $1
RETURNING id
