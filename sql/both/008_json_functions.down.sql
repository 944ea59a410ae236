-- Undoes 008_json_functions.up.sql.

DROP FUNCTION
	io7.json_increment(jsonb, text[], numeric),
	io7.json_patch(jsonb, jsonb),
	io7.json_operation(jsonb, jsonb),
	io7.json_add(jsonb, text[], jsonb),
	io7.merge_patch(jsonb, jsonb, int),
	io7.json_find(jsonb, text[]),
	io7.json_pointer(text),
	io7.growth(int, int, bigint, bigint, bigint),
	io7.refuse(text, text),
	io7.version_fits(bigint, bigint[], bigint[]);
