-- Whose rows of schema app a transaction may see.
--
-- Every table of app enables and forces row-level security and compares its
-- user_id with `(SELECT app.identity())`, once a statement.  The door sets the
-- identity for one transaction; without it nothing is seen.  Once set and
-- gone, the setting is an empty string.

CREATE FUNCTION app.identity() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('io7.user_id', true), '')::uuid;

GRANT EXECUTE ON FUNCTION app.identity() TO io7_app, io7_chore;
