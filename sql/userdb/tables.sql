-- The tables and views of a user database, as one JSON text. Long SQL is cut.

SELECT json_group_array(json_object('name', name, 'type', type, 'sql',
	substr(sql, 1, 4000)))
FROM (
	SELECT name, type, sql FROM sqlite_schema
	WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
	ORDER BY name
	LIMIT 1000
)
