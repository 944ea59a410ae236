-- Undoes 012_sessions.up.sql.

DROP TABLE io7.device_codes;
DROP TABLE io7.sessions;
DROP TABLE io7.sign_ins;
