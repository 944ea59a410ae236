-- What every account has used: a row for each key, mode and day (UTC).
--
-- The janitor alone writes here, many rows in one statement, each second.

CREATE TABLE io7.daily_usage (
	user_id uuid NOT NULL REFERENCES io7.users ON DELETE CASCADE,
	-- None for sessions and tokens.  A key that is gone keeps its rows.
	api_key_id uuid,
	mode text NOT NULL CHECK (mode IN ('test', 'live')),
	date date NOT NULL,
	credits bigint NOT NULL DEFAULT 0 CHECK (credits >= 0),

	-- Requests by what became of them.
	ok bigint NOT NULL DEFAULT 0 CHECK (ok >= 0),
	client_error bigint NOT NULL DEFAULT 0 CHECK (client_error >= 0),
	server_error bigint NOT NULL DEFAULT 0 CHECK (server_error >= 0),
	rate_limited bigint NOT NULL DEFAULT 0 CHECK (rate_limited >= 0),
	quota_exceeded bigint NOT NULL DEFAULT 0 CHECK (quota_exceeded >= 0),
	requests bigint NOT NULL GENERATED ALWAYS AS
		(ok + client_error + server_error + rate_limited
			+ quota_exceeded) STORED,

	bytes_in bigint NOT NULL DEFAULT 0 CHECK (bytes_in >= 0),
	bytes_out bigint NOT NULL DEFAULT 0 CHECK (bytes_out >= 0),
	UNIQUE NULLS NOT DISTINCT (user_id, api_key_id, date, mode)
) WITH (fillfactor = 80); -- today's rows are then updated in place

CREATE INDEX daily_usage_user_id_date ON io7.daily_usage (user_id, date);

GRANT SELECT ON io7.daily_usage TO io7_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON io7.daily_usage TO io7_chore;

-- Up to which batch a host's journal is written down: noted in the same
-- transaction as the rows above, so that a batch whose COMMIT nobody heard of
-- may be sent again.
CREATE TABLE io7.usage_flushes (
	journal uuid PRIMARY KEY,
	batch bigint NOT NULL CHECK (batch > 0),
	updated_at timestamptz NOT NULL DEFAULT now(),
	-- Since when nothing of it is under way.
	rested_at timestamptz
) WITH (fillfactor = 50);

CREATE INDEX usage_flushes_rested_at ON io7.usage_flushes (rested_at)
	WHERE rested_at IS NOT NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON io7.usage_flushes TO io7_chore;

-- What is folded in says nothing of when somebody changed the row.
CREATE OR REPLACE TRIGGER touch BEFORE UPDATE ON io7.users
	FOR EACH ROW WHEN (
		(OLD.test_request_count, OLD.test_storage_bytes,
			OLD.live_request_count, OLD.live_storage_bytes)
		IS NOT DISTINCT FROM
		(NEW.test_request_count, NEW.test_storage_bytes,
			NEW.live_request_count, NEW.live_storage_bytes)
	) EXECUTE FUNCTION io7.touch();

CREATE OR REPLACE TRIGGER touch BEFORE UPDATE ON io7.api_keys
	FOR EACH ROW WHEN (OLD.last_used_at IS NOT DISTINCT FROM NEW.last_used_at)
	EXECUTE FUNCTION io7.touch();
