-- usage_charge: adds work outside of a request to the ledger
-- in:    user_id uuid, mode text, day date, credits int8, is_refused bool
-- shape: none
-- db:    live
SELECT io7.usage_charge($1, $2, $3, $4, $5)
