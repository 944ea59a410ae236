-- tenant_step: runs one step of the upgrade of a tenant's schema
-- in:      schema_name text, step int4
-- out:     is_done bool
-- shape:   one
-- db:      both
-- timeout: 2min
SELECT true AS is_done FROM io7.tenant_step($1, $2)
