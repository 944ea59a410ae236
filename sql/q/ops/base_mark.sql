-- base_mark: takes a lock that only this database knows of, and tells its kind
-- in:    key int8
-- out:   was_free bool, keeps_users bool
-- shape: one
-- base:  both
--
-- A key that is held through one connection and not free through another shows
-- that both lead to the same database, whatever they call it.
SELECT
	pg_try_advisory_xact_lock($1) AS was_free,
	to_regclass('io7.users') IS NOT NULL AS keeps_users
