-- sign_in_forget: removes some sign-ins that nobody came back from
-- in:    batch int8
-- shape: none
-- base:  live
DELETE FROM io7.sign_ins WHERE state_hash IN (
	SELECT state_hash FROM io7.sign_ins
	WHERE created_at < now() - interval '10 minutes'
	LIMIT $1
)
