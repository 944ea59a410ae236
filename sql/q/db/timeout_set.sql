-- timeout_set: sets statement_timeout for the rest of this transaction
-- in:    timeout text
-- out:   timeout text
-- shape: one
-- db:    both
SELECT set_config('statement_timeout', $1, true) AS timeout
