-- Undoes 023_cron.up.sql. The jobs stay in the user databases.

DROP FUNCTION io7.usage_charge(uuid, text, date, bigint, boolean);
DROP FUNCTION io7.rfc3339(timestamptz);
CREATE OR REPLACE TRIGGER touch BEFORE UPDATE ON io7.user_databases
	FOR EACH ROW EXECUTE FUNCTION io7.touch();
ALTER TABLE io7.user_databases DROP jobs_changed_at, DROP jobs_compared_at;
DROP TABLE io7.cron_secrets, io7.cron_runs, io7.cron_due;
