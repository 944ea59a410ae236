-- sign_in_take: what was noted of a browser that comes back; for once
-- in:    state_hash bytea
-- out:   verifier text, return_to text, is_fresh bool
-- shape: maybe-one
-- base:  live
DELETE FROM io7.sign_ins WHERE state_hash = $1
RETURNING verifier, return_to,
	created_at > now() - interval '10 minutes' AS is_fresh
