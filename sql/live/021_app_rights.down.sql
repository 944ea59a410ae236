-- Undoes 021_app_rights.up.sql.

DROP FUNCTION io7.user_leave(uuid);
DROP TRIGGER keep_revoked ON io7.sessions;
DROP TRIGGER keep_revoked ON io7.api_keys;
DROP FUNCTION io7.keep_revoked();

-- This also revokes the rights on columns.
REVOKE INSERT, UPDATE ON io7.users, io7.api_keys, io7.sessions, io7.device_codes,
	io7.audit_log FROM io7_app;
GRANT INSERT, UPDATE ON io7.users, io7.api_keys, io7.sessions, io7.device_codes
	TO io7_app;
GRANT INSERT ON io7.audit_log TO io7_app;
