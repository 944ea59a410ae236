-- migration_lock: waits for other migrators, and keeps them out until the end
--          of the transaction
-- out:     held bool
-- shape:   one
-- db:      both
-- timeout: 10min
SELECT true AS held
FROM pg_advisory_xact_lock(hashtextextended('io7 migrate', 0))
