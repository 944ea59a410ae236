-- Undoes 010_daily_usage.up.sql.

CREATE OR REPLACE TRIGGER touch BEFORE UPDATE ON io7.api_keys
	FOR EACH ROW EXECUTE FUNCTION io7.touch();
CREATE OR REPLACE TRIGGER touch BEFORE UPDATE ON io7.users
	FOR EACH ROW EXECUTE FUNCTION io7.touch();

DROP TABLE io7.usage_flushes;
DROP TABLE io7.daily_usage;
