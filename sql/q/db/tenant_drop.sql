-- tenant_drop: removes the user's schema and all that it holds
-- in:      user_id uuid
-- out:     schema_name text?
-- shape:   one
-- base:    both
-- timeout: 2min
SELECT io7.tenant_drop($1) AS schema_name
