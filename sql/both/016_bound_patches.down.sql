-- Undoes 016_bound_patches.up.sql.

DROP FUNCTION io7.json_operation(jsonb, jsonb, bigint);

CREATE FUNCTION io7.json_operation(target jsonb, operation jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	op text := operation ->> 'op';
	path text[] := io7.json_pointer(operation ->> 'path');
	source text[] := io7.json_pointer(operation ->> 'from');
	value jsonb := operation -> 'value';
BEGIN
	IF jsonb_typeof(operation -> 'op') IS DISTINCT FROM 'string'
		OR op NOT IN ('add', 'remove', 'replace', 'move', 'copy', 'test')
	THEN
		PERFORM io7.refuse('I7400', '"op" is none of add, remove, replace, '
			'move, copy and test');
	ELSIF jsonb_typeof(operation -> 'path') IS DISTINCT FROM 'string' THEN
		PERFORM io7.refuse('I7400', '"path" is not a string');
	ELSIF op IN ('add', 'replace', 'test') AND value IS NULL THEN
		PERFORM io7.refuse('I7400', '"value" is missing');
	ELSIF op IN ('move', 'copy') THEN
		IF jsonb_typeof(operation -> 'from') IS DISTINCT FROM 'string' THEN
			PERFORM io7.refuse('I7400', '"from" is not a string');
		ELSIF op = 'move' AND path[:cardinality(source)] = source
			AND path <> source THEN
			PERFORM io7.refuse('I7400', 'nothing moves into itself');
		END IF;
		value := io7.json_find(target, source);
		IF value IS NULL THEN
			PERFORM io7.refuse('I7409', 'there is nothing at its "from"');
		END IF;
	END IF;

	IF op IN ('remove', 'replace', 'test')
		AND io7.json_find(target, path) IS NULL THEN
		PERFORM io7.refuse('I7409', 'there is nothing at its path');
	ELSIF op = 'test' AND io7.json_find(target, path) <> value THEN
		PERFORM io7.refuse('I7409', 'the test fails');
	ELSIF path = '{}' AND op = 'remove' THEN
		PERFORM io7.refuse('I7409', 'the whole value cannot be removed');
	END IF;

	RETURN CASE op
		WHEN 'test' THEN target
		WHEN 'remove' THEN target #- path
		WHEN 'replace' THEN CASE WHEN path = '{}' THEN value
			ELSE jsonb_set(target, path, value) END
		WHEN 'move' THEN CASE WHEN path = source THEN target
			ELSE io7.json_add(target #- source, path, value) END
		ELSE io7.json_add(target, path, value) END;
END
$$;

CREATE OR REPLACE FUNCTION io7.json_patch(value jsonb, patch jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	operation jsonb;
	n int := 0;
	paths text;
	steps int;
	work bigint := 0;
	words text;
BEGIN
	IF jsonb_typeof(patch) <> 'array' OR jsonb_array_length(patch) > 1000 THEN
		PERFORM io7.refuse('I7400',
			'a patch is an array of at most 1,000 operations');
	ELSIF value IS NULL THEN
		PERFORM io7.refuse('I7404', 'there is nothing to patch');
	END IF;

	-- Out of its compressed form, once for all operations.
	value := value #> '{}';
	BEGIN
		FOR operation IN SELECT jsonb_array_elements(patch) LOOP
			n := n + 1;
			value := io7.json_operation(value, operation);
			paths := concat(operation ->> 'path', operation ->> 'from');
			steps := length(paths) - length(replace(paths, '/', ''));
			work := work + pg_column_size(value)::bigint
				* (1 + steps / 100);
			IF work > 1000 * 65536 THEN
				PERFORM io7.refuse('I7413',
					'the value is too large for so many operations');
			END IF;
		END LOOP;
	EXCEPTION WHEN SQLSTATE 'I7400' OR SQLSTATE 'I7409' THEN
		GET STACKED DIAGNOSTICS words = MESSAGE_TEXT;
		PERFORM io7.refuse(SQLSTATE, format('operation %s: %s', n, words));
	END;

	IF jsonb_path_exists(value, 'strict $.**{1000} ?
		(@.type() == "object" || @.type() == "array")') THEN
		PERFORM io7.refuse('I7409', 'the value grows too deep');
	END IF;
	RETURN value;
END
$$;

GRANT EXECUTE ON FUNCTION io7.json_operation(jsonb, jsonb) TO io7_app;
