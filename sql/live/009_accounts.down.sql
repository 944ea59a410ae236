-- Undoes 009_accounts.up.sql.

DROP TABLE io7.audit_log;

UPDATE io7.users SET status = 'suspended' WHERE status = 'leaving';
ALTER TABLE io7.users
	DROP CONSTRAINT users_status_check,
	ADD CONSTRAINT users_status_check
		CHECK (status IN ('active', 'suspended'));
