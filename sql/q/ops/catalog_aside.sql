-- catalog_aside: gives the names io7 and app free, to the end of the transaction
-- shape: none
-- base:  both
--
-- What the files make is then built beside what is there, compared and rolled
-- back. Nobody else sees that, and nobody's rows are locked.
DO $$
BEGIN
	ALTER SCHEMA io7 RENAME TO io7_aside;
	ALTER SCHEMA app RENAME TO app_aside;
END
$$
