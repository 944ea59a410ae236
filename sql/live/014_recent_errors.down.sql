-- Undoes 014_recent_errors.up.sql.

DROP TABLE io7.recent_errors;
