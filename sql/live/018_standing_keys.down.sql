-- Undoes 018_standing_keys.up.sql.

DROP INDEX io7.api_keys_standing;
