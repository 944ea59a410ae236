-- tenant_find: the schema of a user in this database
-- in:    user_id uuid
-- out:   schema_name text, version int4
-- shape: maybe-one
-- base:  both
SELECT schema_name, version FROM io7.tenants WHERE user_id = $1
