-- tenant_wipe: removes a schema of which nobody keeps a record any more
-- shape:   none
-- timeout: 2min
DROP SCHEMA IF EXISTS {tenant} CASCADE
