-- Undoes 017_model_tokens.up.sql.

DROP TABLE io7.model_tokens;
