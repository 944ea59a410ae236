-- A page of the jobs by name and id, or one job: ?1 and ?2 are the last name and id
-- of the page before, ?3 is the number of jobs, ?4 the bytes of their commands, ?5 an
-- id or NULL.
--
-- The texts may be of any type. Only what strftime() reads as a time is one.
SELECT id, name, schedule, timezone, command, overlap, catch_up, enabled, retries,
	created_at, updated_at, twin, place
FROM (
	SELECT *, sum(length(command)) OVER (ORDER BY name, id) - length(command)
		AS bytes
	FROM (
		SELECT coalesce(CAST(id AS TEXT), '') AS id,
			coalesce(CAST(name AS TEXT), '') AS name,
			CAST(schedule AS TEXT) AS schedule,
			CAST(timezone AS TEXT) AS timezone,
			coalesce(CAST(command AS TEXT), '') AS command,
			CAST(overlap AS TEXT) AS overlap,
			CAST(catch_up AS TEXT) AS catch_up,
			enabled IS NOT NULL AND lower(CAST(enabled AS TEXT))
				NOT IN ('', '0', '0.0', 'false', 'no', 'off')
				AS enabled,
			CASE WHEN typeof(retries) = 'integer' THEN retries
				ELSE -1 END AS retries,
			strftime('%Y-%m-%dT%H:%M:%SZ', created_at) AS created_at,
			strftime('%Y-%m-%dT%H:%M:%SZ', updated_at) AS updated_at,
			row_number() OVER (PARTITION BY CAST(name AS TEXT)
				ORDER BY created_at, id) AS twin,
			row_number() OVER (ORDER BY created_at, id) AS place
		FROM cron_jobs
	)
	WHERE (name, id) > (?1, ?2) AND (?5 IS NULL OR id = ?5)
)
WHERE bytes < ?4
ORDER BY name, id
LIMIT ?3
