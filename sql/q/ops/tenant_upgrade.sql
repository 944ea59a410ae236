-- tenant_upgrade: upgrades one tenant to the current version
-- in:      schema_name text
-- out:     version int4
-- shape:   one
-- db:      both
-- timeout: 60min
SELECT io7.tenant_upgrade($1) AS version
