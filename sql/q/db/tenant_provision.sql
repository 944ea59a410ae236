-- tenant_provision: creates a user's schema unless it exists
-- in:    user_id uuid
-- out:   schema_name text
-- shape: one
-- db:    both
SELECT io7.provision($1) AS schema_name
