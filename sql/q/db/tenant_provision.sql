-- tenant_provision: makes the user's schema if it is not there
-- in:    user_id uuid
-- out:   schema_name text
-- shape: one
-- base:  both
SELECT io7.provision($1) AS schema_name
