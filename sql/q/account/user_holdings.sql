-- user_holdings: how much there is of a user outside the two schemas
-- in:    user_id uuid
-- out:   keys int8, sessions int8, audit_rows int8
-- shape: one
-- base:  live
SELECT
	(SELECT count(*) FROM io7.api_keys WHERE user_id = $1) AS keys,
	(SELECT count(*) FROM io7.sessions WHERE user_id = $1) AS sessions,
	(SELECT count(*) FROM io7.audit_log WHERE user_id = $1) AS audit_rows
