-- The jobs of a user, which programs of the user read and change.
--
-- A database that was created without the last four columns, or in which the user
-- has dropped the table, gets them from cron_jobs_columns.sql when they are first
-- needed: ALTER TABLE fails on a table that the user has changed, and a step that
-- fails would close the whole database to its user.
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
	updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
	timezone TEXT NOT NULL DEFAULT 'UTC',
	overlap TEXT NOT NULL DEFAULT 'skip',
	retries INTEGER NOT NULL DEFAULT 0,
	catch_up TEXT NOT NULL DEFAULT 'one'
);
