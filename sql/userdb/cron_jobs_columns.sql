-- Adds the columns that cron_jobs lacks: each statement fails by itself where the
-- column exists.
ALTER TABLE cron_jobs ADD COLUMN timezone TEXT NOT NULL DEFAULT 'UTC';
ALTER TABLE cron_jobs ADD COLUMN overlap TEXT NOT NULL DEFAULT 'skip';
ALTER TABLE cron_jobs ADD COLUMN retries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cron_jobs ADD COLUMN catch_up TEXT NOT NULL DEFAULT 'one';
