-- sign_in_add: records a sign-in that was sent to GitHub
-- in:    state_hash bytea, verifier text, return_to text
-- shape: none
-- db:    live
INSERT INTO io7.sign_ins (state_hash, verifier, return_to) VALUES ($1, $2, $3)
