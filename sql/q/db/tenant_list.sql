-- tenant_list: lists the tenants of this database, page by page
-- in:    after text?, page_size int8
-- out:   schema_name text, user_id uuid, version int4,
--        created_at timestamptz, updated_at timestamptz
-- shape: many
-- db:    both
SELECT schema_name, user_id, version, created_at, updated_at
FROM io7.tenants
WHERE schema_name > coalesce($1, '')
ORDER BY schema_name
LIMIT $2
