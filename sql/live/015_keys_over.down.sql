-- Undoes 015_keys_over.up.sql.

DROP INDEX io7.api_keys_over;
