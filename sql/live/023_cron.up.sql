-- Jobs are rows of the user databases. These tables have what must be known without
-- opening one: when each job is due next, and what became of its runs.

-- The index of the jobs. It is repaired from the databases.
CREATE TABLE io7.cron_due (
	user_id uuid NOT NULL REFERENCES io7.users ON DELETE CASCADE,
	mode text NOT NULL CHECK (mode IN ('live', 'test')),
	job_id text COLLATE "C" NOT NULL
		CHECK (octet_length(job_id) BETWEEN 1 AND 256),
	name text COLLATE "C" NOT NULL,
	schedule text NOT NULL,
	timezone text NOT NULL,
	command text NOT NULL,
	enabled boolean NOT NULL,
	overlap text NOT NULL CHECK (overlap IN ('skip', 'queue', 'parallel')),
	retries int NOT NULL CHECK (retries BETWEEN 0 AND 10),
	catch_up text NOT NULL CHECK (catch_up IN ('none', 'one', 'all')),
	-- Of a heartbeat: how long after the scheduled time it may come.
	grace_s int CHECK (grace_s >= 0),
	-- Why the job does not run, in the words of its problem.
	problem text,
	-- Scheduled times up to this one are decided.
	decided_at timestamptz NOT NULL,
	-- When the next one is decided; NULL: never, as it is.
	next_at timestamptz CHECK (next_at IS NULL OR (enabled AND problem IS NULL)),
	-- Of the last heartbeat.
	beat_at timestamptz,
	indexed_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (user_id, mode, job_id)
) WITH (fillfactor = 70);

CREATE INDEX cron_due_next_at ON io7.cron_due (next_at) WHERE next_at IS NOT NULL;
-- Finds what was decided while the clock was wrong.
CREATE INDEX cron_due_decided_at ON io7.cron_due (decided_at)
	WHERE next_at IS NOT NULL;
CREATE INDEX cron_due_name ON io7.cron_due (user_id, mode, name)
	WHERE grace_s IS NOT NULL;

CREATE TABLE io7.cron_runs (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	user_id uuid NOT NULL REFERENCES io7.users ON DELETE CASCADE,
	mode text NOT NULL CHECK (mode IN ('live', 'test')),
	job_id text COLLATE "C" NOT NULL,
	job_name text NOT NULL,
	status text NOT NULL CHECK (status IN ('queued', 'running', 'ok', 'failed',
		'missed', 'skipped', 'out_of_credits')),
	trigger text NOT NULL
		CHECK (trigger IN ('schedule', 'manual', 'catch_up', 'heartbeat')),
	due_at timestamptz NOT NULL,
	started_at timestamptz,
	finished_at timestamptz,
	attempt int NOT NULL DEFAULT 0 CHECK (attempt >= 0),
	attempts int NOT NULL CHECK (attempts >= 0),
	error text,
	-- Attempts before the last one, each of which failed.
	failures jsonb NOT NULL DEFAULT '[]',
	-- Scheduled times that a row of status `missed` stands for.
	missed bigint NOT NULL DEFAULT 0 CHECK (missed >= 0),
	output bytea,
	output_bytes int NOT NULL DEFAULT 0,
	output_cut boolean NOT NULL DEFAULT false,
	-- The item of the queue that does it; NULL while an earlier run of the job has
	-- to end, and for rows that are no runs.
	work_id bigint,
	is_charged boolean NOT NULL DEFAULT false
) WITH (fillfactor = 80);

-- A scheduled time is decided once, even if the clock is set back.
CREATE UNIQUE INDEX cron_runs_once ON io7.cron_runs (user_id, mode, job_id, due_at)
	WHERE trigger IN ('schedule', 'catch_up');
CREATE INDEX cron_runs_of_job ON io7.cron_runs (user_id, mode, job_id, due_at, id);
CREATE INDEX cron_runs_active ON io7.cron_runs (user_id, mode, job_id, due_at)
	WHERE status IN ('queued', 'running');
CREATE INDEX cron_runs_waiting ON io7.cron_runs (user_id, mode, job_id, due_at, id)
	WHERE status = 'queued' AND work_id IS NULL;
CREATE INDEX cron_runs_finished_at ON io7.cron_runs (finished_at);
CREATE INDEX cron_runs_output ON io7.cron_runs (user_id, finished_at)
	INCLUDE (output_bytes) WHERE output_bytes > 0;

-- What signs the requests of a user's jobs, sealed. After a rotation the previous secret
-- signs, too, for a while.
CREATE TABLE io7.cron_secrets (
	user_id uuid NOT NULL REFERENCES io7.users ON DELETE CASCADE,
	mode text NOT NULL CHECK (mode IN ('live', 'test')),
	secret text NOT NULL,
	created_at timestamptz NOT NULL,
	previous text,
	previous_until timestamptz,
	PRIMARY KEY (user_id, mode),
	CHECK ((previous IS NULL) = (previous_until IS NULL))
);

-- Since when the jobs in a database may differ from the index, because they were or may
-- have been changed, and when the two were last compared.
ALTER TABLE io7.user_databases
	ADD jobs_changed_at timestamptz DEFAULT now(),
	ADD jobs_compared_at timestamptz NOT NULL DEFAULT 'epoch';
-- A new database has no jobs.
ALTER TABLE io7.user_databases
	ALTER jobs_changed_at DROP DEFAULT,
	ALTER jobs_compared_at SET DEFAULT now();

CREATE INDEX user_databases_jobs_changed_at ON io7.user_databases (jobs_changed_at)
	WHERE jobs_changed_at IS NOT NULL;
CREATE INDEX user_databases_jobs_compared_at ON io7.user_databases (jobs_compared_at)
	WHERE state = 'ready';

-- Neither of them is a change that a row's updated_at tells of.
CREATE OR REPLACE TRIGGER touch BEFORE UPDATE ON io7.user_databases
	FOR EACH ROW WHEN ((OLD.jobs_changed_at, OLD.jobs_compared_at)
		IS NOT DISTINCT FROM (NEW.jobs_changed_at, NEW.jobs_compared_at))
	EXECUTE FUNCTION io7.touch();

GRANT SELECT, INSERT, UPDATE, DELETE ON io7.cron_due, io7.cron_runs, io7.cron_secrets
	TO io7_app, io7_chore;

-- A time as the API has it.
CREATE FUNCTION io7.rfc3339(at timestamptz) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
	SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;
GRANT EXECUTE ON FUNCTION io7.rfc3339(timestamptz) TO io7_app, io7_chore;

-- Adds work outside of a request to the ledger: one request that took credits, or that
-- was refused because there were none left. It cannot take anything back.
CREATE FUNCTION io7.usage_charge(who uuid, in_mode text, on_day date, taken bigint,
	is_refused boolean) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	INSERT INTO io7.daily_usage AS d
		(user_id, mode, date, credits, ok, quota_exceeded)
	SELECT who, in_mode, on_day, greatest(taken, 0), (NOT is_refused)::int,
		is_refused::int
	ON CONFLICT (user_id, api_key_id, date, mode) DO UPDATE SET
		credits = d.credits + excluded.credits,
		ok = d.ok + excluded.ok,
		quota_exceeded = d.quota_exceeded + excluded.quota_exceeded
	RETURNING d.credits
$$;

GRANT CREATE ON SCHEMA io7 TO io7_chore;
ALTER FUNCTION io7.usage_charge(uuid, text, date, bigint, boolean) OWNER TO io7_chore;
REVOKE CREATE ON SCHEMA io7 FROM io7_chore;
GRANT EXECUTE ON FUNCTION io7.usage_charge(uuid, text, date, bigint, boolean)
	TO io7_app;
