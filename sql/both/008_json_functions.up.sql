-- What statements call to change a tenant's value where it lies: in one
-- statement, and with every digit of its numbers.
--
-- Errors are of class I7, the HTTP status behind it; their words go to the
-- client, who reads of nothing but the own request in them.

-- Whether a request may act on a key: its conditions If-Match and
-- If-None-Match as versions.  0 stands for `*`, an empty list for no condition.
-- The version is NULL where there is no such key.
CREATE FUNCTION io7.version_fits(version bigint, wanted bigint[],
	unwanted bigint[]) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (wanted = '{}' OR version = ANY (wanted)
		OR version IS NOT NULL AND 0 = ANY (wanted)) IS TRUE
	AND (version = ANY (unwanted)
		OR version IS NOT NULL AND 0 = ANY (unwanted)) IS NOT TRUE;

-- Volatile, or the planner would call it.
CREATE FUNCTION io7.refuse(state text, words text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION USING ERRCODE = state, MESSAGE = words;
END
$$;

-- What a write adds to the bytes that a store uses, where a row may hold so many
-- and the store so many.  What shrinks is always let through.
CREATE FUNCTION io7.growth(bytes int, replaced int, row_max bigint, used bigint,
	store_max bigint) RETURNS int
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	IF bytes > replaced AND bytes > row_max THEN
		PERFORM io7.refuse('I7413', 'the value grows too large');
	ELSIF bytes > replaced AND used + bytes - replaced > store_max THEN
		PERFORM io7.refuse('I7507', 'the store is full');
	END IF;
	RETURN bytes - replaced;
END
$$;

-- --- JSON Pointer (RFC 6901) ------------------------------------------------

CREATE FUNCTION io7.json_pointer(pointer text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
	IF pointer = '' THEN
		RETURN '{}';
	ELSIF pointer !~ '^/' OR pointer ~ '~(?![01])' THEN
		PERFORM io7.refuse('I7400', 'a path is "" or begins with "/", '
			'and has "~0" for "~" and "~1" for "/"');
	END IF;
	RETURN ARRAY(
		SELECT replace(replace(token, '~1', '/'), '~0', '~')
		FROM unnest((string_to_array(pointer, '/'))[2:])
			WITH ORDINALITY AS t (token, n)
		ORDER BY n);
END
$$;

-- What a path leads to, or NULL.  The operators `->` and `#>` alone would take
-- an index from the end, or one with a sign, or with zeros before it.
CREATE FUNCTION io7.json_find(value jsonb, path text[]) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
	token text;
BEGIN
	FOREACH token IN ARRAY path LOOP
		value := CASE jsonb_typeof(value)
			WHEN 'object' THEN value -> token
			WHEN 'array' THEN
				CASE WHEN token ~ '^(0|[1-9][0-9]{0,8})$'
				THEN value -> token::int END
			END;
	END LOOP;
	RETURN value;
END
$$;

-- --- Merge patch (RFC 7396) -------------------------------------------------

-- Each level writes all that it holds anew, so that the work is their number
-- times the value's size.  `levels` is how many are still borne; who calls from
-- outside does not give it.
CREATE FUNCTION io7.merge_patch(value jsonb, patch jsonb,
	levels int DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
#variable_conflict use_column
DECLARE
	target jsonb := CASE WHEN jsonb_typeof(merge_patch.value) = 'object'
		THEN merge_patch.value #> '{}' ELSE '{}' END;
	rest int := coalesce(levels,
		500 * 65536 / pg_column_size(target)) - 1;
BEGIN
	IF jsonb_typeof(patch) <> 'object' THEN
		RETURN patch;
	ELSIF rest < 0 THEN
		PERFORM io7.refuse('I7413',
			'the value is too large for so many levels');
	END IF;
	RETURN (
		SELECT coalesce(jsonb_object_agg(key, value), '{}')
		FROM (
			SELECT key, value FROM jsonb_each(target)
			WHERE NOT patch ? key
			UNION ALL
			SELECT key, CASE WHEN jsonb_typeof(value) = 'object'
				THEN io7.merge_patch(target -> key, value, rest)
				ELSE value END
			FROM jsonb_each(patch)
			WHERE jsonb_typeof(value) <> 'null'
		) AS merged);
END
$$;

-- --- JSON Patch (RFC 6902) --------------------------------------------------

CREATE FUNCTION io7.json_add(target jsonb, path text[], value jsonb)
RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	depth int := cardinality(path);
	parent jsonb := io7.json_find(target, path[:depth - 1]);
	length int;
BEGIN
	IF depth = 0 THEN
		RETURN value;
	ELSIF jsonb_typeof(parent) = 'object' THEN
		RETURN jsonb_set(target, path, value);
	ELSIF jsonb_typeof(parent) = 'array' THEN
		length := jsonb_array_length(parent);
		IF path[depth] = '-' THEN
			path[depth] := length::text;
		END IF;
		IF path[depth] ~ '^(0|[1-9][0-9]{0,8})$'
			AND path[depth]::int <= length THEN
			RETURN jsonb_insert(target, path, value);
		END IF;
	END IF;
	PERFORM io7.refuse('I7409', 'there is no place for its path');
END
$$;

-- One operation of a patch.
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

-- All of them, or none.  Each operation writes the whole value anew, so that the
-- work is their number times its size: 1,000 of them on 64 KiB are borne, and so
-- is a value that grows by copying itself, up to there.  A hundred steps down a
-- path are as much work again.
CREATE FUNCTION io7.json_patch(value jsonb, patch jsonb) RETURNS jsonb
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

-- --- Counting ---------------------------------------------------------------

-- A key that is not there counts from zero.
CREATE FUNCTION io7.json_increment(value jsonb, path text[], by numeric)
RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	found jsonb := io7.json_find(value, path);
	total numeric;
BEGIN
	IF value IS NULL AND path = '{}' THEN
		found := '0';
	ELSIF value IS NULL THEN
		PERFORM io7.refuse('I7404', 'there is no such key');
	ELSIF jsonb_typeof(found) IS DISTINCT FROM 'number' THEN
		PERFORM io7.refuse('I7409', 'there is no number at that path');
	END IF;
	total := found::numeric + by;
	IF length(translate(total::text, '-.', '')) > 1000 THEN
		PERFORM io7.refuse('I7409', 'the sum has more than 1,000 digits');
	END IF;
	RETURN CASE WHEN path = '{}' THEN to_jsonb(total)
		ELSE jsonb_set(value, path, to_jsonb(total)) END;
END
$$;

GRANT EXECUTE ON FUNCTION
	io7.version_fits(bigint, bigint[], bigint[]),
	io7.refuse(text, text),
	io7.growth(int, int, bigint, bigint, bigint),
	io7.json_pointer(text),
	io7.json_find(jsonb, text[]),
	io7.merge_patch(jsonb, jsonb, int),
	io7.json_add(jsonb, text[], jsonb),
	io7.json_operation(jsonb, jsonb),
	io7.json_patch(jsonb, jsonb),
	io7.json_increment(jsonb, text[], numeric)
	TO io7_app;
