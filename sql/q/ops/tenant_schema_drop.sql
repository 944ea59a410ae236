-- tenant_schema_drop: drops a tenant's schema that has no record
-- shape:   none
-- timeout: 2min
DROP SCHEMA IF EXISTS {tenant} CASCADE
