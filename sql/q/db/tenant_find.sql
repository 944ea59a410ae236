-- tenant_find: finds a user's schema in this database
-- in:    user_id uuid
-- out:   schema_name text, version int4
-- shape: maybe-one
-- db:    both
SELECT schema_name, version FROM io7.tenants WHERE user_id = $1
