-- How many bytes of answers each account has had stored for repeated requests, on
-- its last day with any.

CREATE TABLE io7.kept_answers (
	user_id uuid PRIMARY KEY REFERENCES io7.users ON DELETE CASCADE,
	day date NOT NULL,
	bytes bigint NOT NULL CHECK (bytes >= 0)
) WITH (fillfactor = 80);

GRANT SELECT, INSERT, UPDATE ON io7.kept_answers TO io7_app;
