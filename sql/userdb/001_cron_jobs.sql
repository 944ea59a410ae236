-- The jobs of a user, which programs of the user read and change.
--
-- A step may be applied twice to a database at a service, if its answer was lost.

CREATE TABLE IF NOT EXISTS cron_jobs (
	id TEXT PRIMARY KEY,
	user_id TEXT NOT NULL,
	name TEXT NOT NULL,
	schedule TEXT NOT NULL,
	command TEXT NOT NULL,
	enabled BOOLEAN DEFAULT 1,
	created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
	updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);
