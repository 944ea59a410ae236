-- work_depths: counts the items of each kind by their state
-- in:    kinds text[], most int8
-- out:   waiting int8, ready int8, running int8, dead int8, oldest_us int8
-- shape: many
-- db:    live
--
-- In the order of the kinds. At most that many items of each state are counted; those
-- that are waiting and dead, of all kinds together. oldest_us is how long an item has
-- been ready, at most.
WITH waiting AS MATERIALIZED (
	SELECT w.kind, count(*) AS n
	FROM (
		SELECT kind FROM io7.work WHERE state = 'waiting'
		ORDER BY run_at LIMIT $2
	) AS w
	GROUP BY w.kind
), dead AS MATERIALIZED (
	SELECT d.kind, count(*) AS n
	FROM (
		SELECT kind FROM io7.work WHERE state = 'dead'
		ORDER BY finished_at LIMIT $2
	) AS d
	GROUP BY d.kind
), running AS MATERIALIZED (
	SELECT kind, count(*) AS n FROM io7.work WHERE state = 'running'
	GROUP BY kind
)
SELECT coalesce(w.n, 0) AS waiting, r.n AS ready, coalesce(b.n, 0) AS running,
	coalesce(d.n, 0) AS dead,
	coalesce((extract(epoch FROM now() - r.oldest) * 1000000)::int8, 0)
		AS oldest_us
FROM unnest($1::text[]) WITH ORDINALITY AS k (kind, place)
CROSS JOIN LATERAL (
	SELECT count(*) AS n, min(o.run_at) AS oldest
	FROM (
		SELECT run_at FROM io7.work
		WHERE state = 'ready' AND kind = k.kind LIMIT $2
	) AS o
) AS r
LEFT JOIN waiting AS w ON w.kind = k.kind
LEFT JOIN running AS b ON b.kind = k.kind
LEFT JOIN dead AS d ON d.kind = k.kind
ORDER BY k.place
