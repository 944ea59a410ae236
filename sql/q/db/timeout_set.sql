-- timeout_set: gives the rest of this transaction another statement_timeout
-- in:    timeout text
-- out:   timeout text
-- shape: one
-- base:  both
SELECT set_config('statement_timeout', $1, true) AS timeout
