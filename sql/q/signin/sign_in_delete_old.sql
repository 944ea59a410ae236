-- sign_in_delete_old: deletes a batch of sign-ins not completed in ten minutes
-- in:    batch_size int8
-- shape: none
-- db:    live
DELETE FROM io7.sign_ins WHERE state_hash IN (
	SELECT state_hash FROM io7.sign_ins
	WHERE created_at < now() - interval '10 minutes'
	LIMIT $1
)
