-- Undoes 011_idempotency.up.sql.

DROP TABLE io7.idempotency_keys;
