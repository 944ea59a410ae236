-- extension_list: lists the extensions of this database
-- out:   name text, version text, newest text?
-- shape: many
-- db:    both
SELECT extname::text AS name, extversion AS version, default_version AS newest
FROM pg_extension
LEFT JOIN pg_available_extensions ON name = extname
ORDER BY extname
