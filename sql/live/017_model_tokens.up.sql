-- How many model tokens each account has used in test mode on its last day of
-- use. Test mode costs no credits, but the operator pays for the tokens.

CREATE TABLE io7.model_tokens (
	user_id uuid PRIMARY KEY REFERENCES io7.users ON DELETE CASCADE,
	day date NOT NULL,
	tokens bigint NOT NULL CHECK (tokens >= 0)
) WITH (fillfactor = 80);

GRANT SELECT, INSERT, UPDATE ON io7.model_tokens TO io7_app;
