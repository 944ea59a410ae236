-- catalog_objects: lists the objects of schemas in a form that can be compared
-- in:      schemas text[]
-- out:     tenant text?, kind text, name text, definition text
-- shape:   many
-- db:      both
-- timeout: 30s
--
-- The name of a tenant's schema is replaced by {tenant} and returned in its own
-- column, so that one call can read many tenants. Triggers that implement
-- constraints are omitted. As search_path is empty, all names are qualified.
WITH space AS (
	SELECT oid, nspname::text AS called, nspacl, nspowner
	FROM pg_namespace WHERE nspname::text = ANY ($1::text[])
), relation AS (
	SELECT c.oid, c.oid::regclass::text AS called, relkind::text AS kind,
		relowner, relacl, reloptions,
		relpersistence, relrowsecurity, relforcerowsecurity
	FROM pg_class c JOIN space ON space.oid = relnamespace
	WHERE relkind NOT IN ('i', 'I', 'c', 't')
), routine AS (
	SELECT p.oid, p.oid::regprocedure::text AS called,
		prokind, proowner, proacl
	FROM pg_proc p JOIN space ON space.oid = pronamespace
), granted (called, acl) AS (
	SELECT called, coalesce(nspacl, acldefault('n', nspowner)) FROM space
	UNION ALL
	SELECT called, coalesce(relacl,
		acldefault(CASE kind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner))
	FROM relation
	UNION ALL
	SELECT called || '.' || quote_ident(attname), attacl
	FROM relation JOIN pg_attribute ON attrelid = relation.oid
	WHERE attacl IS NOT NULL AND NOT attisdropped
	UNION ALL
	SELECT called, coalesce(proacl, acldefault('f', proowner)) FROM routine
), object (kind, name, definition) AS (
	SELECT 'schema', called, 'owner ' || nspowner::regrole FROM space

	UNION ALL
	SELECT
		CASE kind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view'
			WHEN 'S' THEN 'sequence' ELSE 'relation ' || kind END,
		called,
		concat_ws(' ', 'owner', relowner::regrole, reloptions,
			CASE WHEN relpersistence <> 'p' THEN 'not permanent' END,
			CASE WHEN relrowsecurity THEN 'row security' END,
			CASE WHEN relforcerowsecurity THEN 'forced' END,
			CASE WHEN kind IN ('v', 'm') THEN pg_get_viewdef(oid) END,
			(SELECT concat_ws(' ', seqtypid::regtype, seqstart,
				seqincrement, seqmin, seqmax, seqcache, seqcycle)
			FROM pg_sequence WHERE seqrelid = relation.oid))
	FROM relation

	UNION ALL
	SELECT 'column', called || '.' || quote_ident(attname),
		concat_ws(' ', format_type(atttypid, atttypmod),
			CASE WHEN attcollation <> typcollation
			THEN 'collate ' || attcollation::regcollation::text END,
			CASE WHEN attnotnull THEN 'not null' END,
			CASE attidentity WHEN 'a' THEN 'identity, always'
			WHEN 'd' THEN 'identity, by default' END,
			CASE WHEN attgenerated <> '' THEN 'generated' END,
			pg_get_expr(adbin, adrelid))
	FROM relation
	JOIN pg_attribute ON attrelid = relation.oid AND attnum > 0
	JOIN pg_type ON pg_type.oid = atttypid
	LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
	WHERE NOT attisdropped AND kind <> 'S'

	UNION ALL
	SELECT 'index', indexrelid::regclass::text,
		concat_ws(' ', pg_get_indexdef(indexrelid),
			CASE WHEN NOT indisvalid THEN 'invalid' END)
	FROM pg_index JOIN relation ON relation.oid = indrelid

	UNION ALL
	SELECT 'constraint', called || ' ' || quote_ident(conname),
		concat_ws(' ', pg_get_constraintdef(c.oid),
			CASE WHEN NOT convalidated THEN 'not valid' END)
	FROM pg_constraint c JOIN relation ON relation.oid = conrelid

	UNION ALL
	SELECT 'trigger', called || ' ' || quote_ident(tgname),
		concat_ws(' ', pg_get_triggerdef(t.oid),
			CASE WHEN tgenabled <> 'O' THEN 'enabled ' || tgenabled::text END)
	FROM pg_trigger t JOIN relation ON relation.oid = tgrelid
	WHERE NOT tgisinternal

	UNION ALL
	SELECT 'policy', called || ' ' || quote_ident(polname),
		concat_ws(' ', CASE WHEN NOT polpermissive THEN 'restrictive' END,
			'for', polcmd, 'to', polroles::regrole[],
			'using ' || pg_get_expr(polqual, polrelid),
			'check ' || pg_get_expr(polwithcheck, polrelid))
	FROM pg_policy JOIN relation ON relation.oid = polrelid

	UNION ALL
	SELECT 'function', called,
		concat_ws(' ', 'owner', proowner::regrole, 'md5',
			CASE WHEN prokind <> 'a' THEN md5(pg_get_functiondef(oid)) END)
	FROM routine

	UNION ALL
	SELECT 'type', t.oid::regtype::text,
		concat_ws(' ', typtype, 'owner', typowner::regrole,
			CASE WHEN typbasetype <> 0
			THEN format_type(typbasetype, typtypmod) END,
			CASE WHEN typnotnull THEN 'not null' END, typdefault,
			(SELECT string_agg(quote_literal(enumlabel), ' '
				ORDER BY enumsortorder)
			FROM pg_enum WHERE enumtypid = t.oid),
			(SELECT string_agg(pg_get_constraintdef(oid), ' '
				ORDER BY conname)
			FROM pg_constraint WHERE contypid = t.oid))
	FROM pg_type t JOIN space ON space.oid = typnamespace
	WHERE typtype IN ('d', 'e', 'r')

	UNION ALL
	SELECT 'grant', called,
		concat_ws(' ', privilege_type, 'to',
			CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END,
			CASE WHEN is_grantable THEN 'with grant option' END)
	FROM granted, aclexplode(acl)

	UNION ALL
	SELECT 'default grant',
		concat_ws(' ', defaclrole::regrole, space.called, defaclobjtype),
		concat_ws(' ', privilege_type, 'to',
			CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END)
	FROM pg_default_acl
	LEFT JOIN space ON space.oid = defaclnamespace, aclexplode(defaclacl)
	WHERE defaclnamespace = 0 OR space.oid IS NOT NULL
), own (pattern, placeholder) AS (
	VALUES ('\muser_[0-9a-f]{32}\M', '{' || 'tenant}')
), line AS (
	SELECT
		substring(name FROM pattern) AS tenant,
		kind,
		regexp_replace(name, pattern, placeholder, 'g') AS name,
		regexp_replace(definition, pattern, placeholder, 'g')
			AS definition
	FROM object, own
)
SELECT tenant, kind, name, definition
FROM line
ORDER BY tenant COLLATE "C", kind COLLATE "C", name COLLATE "C",
	definition COLLATE "C"
