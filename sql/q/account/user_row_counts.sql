-- user_row_counts: counts a user's rows in schema io7
-- in:    user_id uuid
-- out:   keys int8, sessions int8, audit_rows int8
-- shape: one
-- db:    live
SELECT
	(SELECT count(*) FROM io7.api_keys WHERE user_id = $1) AS keys,
	(SELECT count(*) FROM io7.sessions WHERE user_id = $1) AS sessions,
	(SELECT count(*) FROM io7.audit_log WHERE user_id = $1) AS audit_rows
