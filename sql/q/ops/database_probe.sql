-- database_probe: tries a lock that is local to this database, and returns
--        whether io7.users exists
-- in:    key int8
-- out:   got_lock bool, has_users bool
-- shape: one
-- db:    both
--
-- Detects two DSNs that lead to one database: the lock that one connection
-- holds is then not free for the other.
SELECT
	pg_try_advisory_xact_lock($1) AS got_lock,
	to_regclass('io7.users') IS NOT NULL AS has_users
