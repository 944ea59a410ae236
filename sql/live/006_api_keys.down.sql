-- Undoes 006_api_keys.up.sql.

DROP VIEW io7.users_with_keys;
DROP TABLE io7.api_keys;
