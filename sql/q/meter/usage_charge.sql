-- usage_charge: adds work outside of a request to the ledger
-- in:    user_id uuid, mode text, day date, credits int8, is_refused bool
-- out:   credits int8
-- shape: one
-- db:    live
--
-- Returns the credits of the day that are in the same row.
SELECT io7.usage_charge($1, $2, $3, $4, $5) AS credits
