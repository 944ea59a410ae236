-- sign_in_take: deletes and returns the sign-in of a state
-- in:    state_hash bytea
-- out:   verifier text, return_to text, is_fresh bool
-- shape: maybe-one
-- db:    live
--
-- Deleted, because a state is good for one callback.
DELETE FROM io7.sign_ins WHERE state_hash = $1
RETURNING verifier, return_to,
	created_at > now() - interval '10 minutes' AS is_fresh
