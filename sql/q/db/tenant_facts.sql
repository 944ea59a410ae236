-- tenant_facts: returns what an operator may see of a tenant
-- in:    user_id uuid
-- out:   version int4, created_at timestamptz, updated_at timestamptz,
--        relations int8, bytes int8
-- shape: maybe-one
-- db:    both
SELECT version, created_at, updated_at, count(c.oid) AS relations,
	coalesce(sum(pg_total_relation_size(c.oid)), 0)::int8 AS bytes
FROM io7.tenants
LEFT JOIN pg_namespace n ON nspname = schema_name
LEFT JOIN pg_class c ON relnamespace = n.oid AND relkind = 'r'
WHERE user_id = $1
GROUP BY version, created_at, updated_at
