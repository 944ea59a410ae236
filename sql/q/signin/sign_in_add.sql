-- sign_in_add: notes that a browser was sent to GitHub
-- in:    state_hash bytea, verifier text, return_to text
-- shape: none
-- base:  live
INSERT INTO io7.sign_ins (state_hash, verifier, return_to) VALUES ($1, $2, $3)
