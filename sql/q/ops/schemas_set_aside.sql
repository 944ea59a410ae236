-- schemas_set_aside: renames io7 and app until the end of the transaction
-- shape: none
-- db:    both
--
-- The migrations then build fresh schemas beside the old ones for comparison.
-- The transaction is rolled back: other sessions see nothing of it, and no row
-- is locked.
DO $$
BEGIN
	ALTER SCHEMA io7 RENAME TO io7_aside;
	ALTER SCHEMA app RENAME TO app_aside;
END
$$
