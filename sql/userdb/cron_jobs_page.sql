-- A page of the jobs by name and id, or one job: ?1 and ?2 are the last name and id
-- of the page before, ?3 is the number of jobs, ?4 the bytes of their commands, ?5 an
-- id or NULL, ?6 how many of the oldest jobs there may be.
--
-- The texts may be of any type, and of any length: what is longer than a job's may be
-- is cut, one byte too late, so that it is a problem of the job. Jobs are put in order
-- without their texts, which may not fit in the memory. Only what strftime() reads as a
-- time is one.
SELECT p.id, p.name,
	CAST(substr(CAST(j.schedule AS BLOB), 1, 257) AS TEXT) AS schedule,
	CAST(substr(CAST(j.timezone AS BLOB), 1, 257) AS TEXT) AS timezone,
	coalesce(CAST(substr(CAST(j.command AS BLOB), 1, 65537) AS TEXT), '') AS command,
	CAST(substr(CAST(j.overlap AS BLOB), 1, 9) AS TEXT) AS overlap,
	CAST(substr(CAST(j.catch_up AS BLOB), 1, 9) AS TEXT) AS catch_up,
	j.enabled IS NOT NULL AND lower(CAST(substr(CAST(j.enabled AS BLOB), 1, 9) AS TEXT))
		NOT IN ('', '0', '0.0', 'false', 'no', 'off') AS enabled,
	CASE WHEN typeof(j.retries) = 'integer' THEN j.retries ELSE -1 END AS retries,
	strftime('%Y-%m-%dT%H:%M:%SZ', j.created_at) AS created_at,
	strftime('%Y-%m-%dT%H:%M:%SZ', j.updated_at) AS updated_at,
	p.twin, p.place
FROM (
	SELECT row, id, name, twin, place
	FROM (
		SELECT row, id, name, twin, place,
			sum(bytes) OVER (ORDER BY name, id) - bytes AS bytes
		FROM (
			SELECT row, id, name, min(bytes, 65537) AS bytes,
				row_number() OVER (PARTITION BY name ORDER BY age, id) AS twin,
				row_number() OVER (ORDER BY age, id) AS place
			FROM (
				SELECT rowid AS row,
					coalesce(CAST(substr(CAST(id AS BLOB), 1, 257) AS TEXT), '') AS id,
					coalesce(CAST(substr(CAST(name AS BLOB), 1, 401) AS TEXT), '') AS name,
					coalesce(length(CAST(command AS BLOB)), 0) AS bytes,
					CASE WHEN typeof(created_at) IN ('text', 'blob')
						THEN substr(created_at, 1, 30) ELSE created_at END AS age
				FROM cron_jobs
			)
		)
		WHERE (name, id) > (?1, ?2) AND (?5 IS NULL OR id = ?5) AND place <= ?6
	)
	WHERE bytes < ?4
	ORDER BY name, id
	LIMIT ?3
) AS p
JOIN cron_jobs AS j ON j.rowid = p.row
ORDER BY p.name, p.id
