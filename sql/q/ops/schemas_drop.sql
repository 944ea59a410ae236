-- schemas_drop: drops the schemas io7 and app with everything in them
-- shape:   none
-- db:      both
-- timeout: 2min
DROP SCHEMA IF EXISTS io7, app CASCADE
