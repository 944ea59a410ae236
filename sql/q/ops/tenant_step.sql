-- tenant_step: one step on the way of a tenant's schema to the current version
-- in:      schema_name text, step int4
-- out:     is_done bool
-- shape:   one
-- base:    both
-- timeout: 2min
SELECT true AS is_done FROM io7.tenant_step($1, $2)
