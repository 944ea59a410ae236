-- tenant_drop: drops a user's schema and everything in it
-- in:      user_id uuid
-- out:     schema_name text?
-- shape:   one
-- db:      both
-- timeout: 2min
SELECT io7.tenant_drop($1) AS schema_name
