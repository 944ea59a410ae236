-- The queue of work for later. A row is an item; a runner claims it, runs it, and
-- records how the attempt ended.
--
--   waiting  its run_at is in the future
--   ready    a runner may claim it
--   running  a runner has claimed it, until lease_until at the latest
--   done     finished
--   dead     failed for good

CREATE TABLE io7.work (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	kind text COLLATE "C" NOT NULL CHECK (kind ~ '^[a-z0-9]+\.[a-z0-9-]+$'),
	-- All zero: the program's own work. It is not a foreign key, which each new item
	-- would check; deleting an account deletes its items.
	user_id uuid NOT NULL,
	mode text NOT NULL CHECK (mode IN ('live', 'test')),
	args jsonb NOT NULL,
	key text COLLATE "C" CHECK (octet_length(key) BETWEEN 1 AND 128),
	state text NOT NULL
		CHECK (state IN ('waiting', 'ready', 'running', 'done', 'dead')),
	due_at timestamptz NOT NULL, -- when it was to run first
	run_at timestamptz NOT NULL, -- the next attempt
	attempt int NOT NULL DEFAULT 0 CHECK (attempt >= 0),
	attempts_max int NOT NULL CHECK (attempts_max > 0),
	lease_until timestamptz,
	claimed_by text, -- the last runner
	error text,      -- of the last attempt that failed
	created_at timestamptz NOT NULL DEFAULT now(),
	started_at timestamptz, -- the last attempt
	finished_at timestamptz,
	CHECK ((state = 'running') = (lease_until IS NOT NULL)),
	CHECK ((state IN ('done', 'dead')) = (finished_at IS NOT NULL))
) WITH (
	-- Each item is updated twice and deleted later. Dead entries of the indexes slow
	-- claiming down, so that vacuum must come often and not pause.
	fillfactor = 70,
	autovacuum_vacuum_scale_factor = 0.01,
	autovacuum_vacuum_threshold = 2000,
	autovacuum_vacuum_insert_scale_factor = 0.1,
	autovacuum_analyze_scale_factor = 0.05,
	autovacuum_vacuum_cost_delay = 0
);

-- Each update of an item adds an entry to every index that has it: an index by user,
-- which only the deletion of an account would use, costs more than it saves. Few items
-- run at once, so that those whose lease ended are found without an index.
CREATE INDEX work_waiting ON io7.work (run_at) INCLUDE (kind) WHERE state = 'waiting';
CREATE INDEX work_ready ON io7.work (kind, user_id, run_at, id) WHERE state = 'ready';
CREATE INDEX work_running ON io7.work (kind, user_id) WHERE state = 'running';
CREATE INDEX work_done ON io7.work (finished_at) WHERE state = 'done';
CREATE INDEX work_dead ON io7.work (finished_at) INCLUDE (kind) WHERE state = 'dead';
CREATE UNIQUE INDEX work_key ON io7.work (kind, key)
	WHERE key IS NOT NULL AND finished_at IS NULL;

-- Any process may add items, and rooms let users retry and drop their own.
GRANT SELECT, INSERT, UPDATE, DELETE ON io7.work TO io7_app, io7_chore;

-- One turn of a runner: records how its attempts ended, and claims more items. Both
-- are one round trip and one commit.
--
--   ids, attempts, outcomes, pauses, errors
--       The attempts that ended. An outcome is done, dead, retry (after the pause, in
--       microseconds), later (the same, and the attempt does not count) or unused (the
--       item was not begun). An attempt whose lease ended may belong to another runner
--       by now; it is ignored.
--   kinds, aparts, leases, alls, users, cursors
--       What it runs: by kind, whether items run in processes of their own, the lease
--       in microseconds, how many may run at once in all and for each user (0: no
--       limit), and the user whom the last turn reached.
--   simples, processes
--       How many items it wants of kinds that run in the runner itself, and of the
--       others.
--   tidy
--       Whether to look for items whose time has come or whose lease has ended.
--
-- Returns a row with an id for each claimed item; a row without an id for each kind
-- that had items, whose user_id is the next cursor; and, after tidying, a row without
-- a kind that says in how many microseconds the next waiting item is due.
--
-- Claims of all runners on all hosts follow one another, so that the limits are
-- exact. Each statement in the function has its own snapshot, and so sees all earlier
-- claims once it has the lock. Users take turns: a user with many items costs a look at
-- the index, like a user with one. Of a kind that is limited for each user and runs in
-- processes, a user gets at most half of those that are free or his, so that a few users
-- with slow items leave processes to the next one. Without statistics of a queue that was empty a
-- minute ago, the planner might scan the table; it must use the indexes.
CREATE FUNCTION io7.work_turn(runner text,
	ids bigint[], attempts int[], outcomes text[], pauses bigint[], errors text[],
	kinds text[], aparts boolean[], leases bigint[], alls int[], users int[],
	cursors uuid[], simples int, processes int, tidy boolean)
RETURNS TABLE (kind_no int, id bigint, user_id uuid, mode text, args jsonb,
	late_us bigint, attempt int, attempts_max int, error text, next_us bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_sort = on
AS $$
#variable_conflict use_column
DECLARE
	at timestamptz;
	active int[];
	k int;
	share int;
	wanted int;
	reached uuid[];
	mosts int[]; -- for each of them
	who uuid;
	most int;
	is_second_round boolean;
BEGIN
	IF cardinality(ids) > 0 THEN
		UPDATE io7.work AS w
		SET state = CASE
				WHEN f.outcome IN ('done', 'dead') THEN f.outcome
				WHEN f.pause > 0 THEN 'waiting'
				ELSE 'ready'
			END,
			run_at = CASE WHEN f.outcome IN ('retry', 'later')
				THEN clock_timestamp() + f.pause * interval '1 us'
				ELSE w.run_at END,
			attempt = CASE WHEN f.outcome IN ('later', 'unused')
				THEN w.attempt - 1
				ELSE least(w.attempt, w.attempts_max) END,
			error = CASE WHEN f.outcome IN ('retry', 'dead') THEN f.error
				ELSE w.error END,
			lease_until = NULL,
			finished_at = CASE WHEN f.outcome IN ('done', 'dead')
				THEN clock_timestamp() END
		FROM unnest(ids, attempts, outcomes, pauses, errors)
			AS f (id, attempt, outcome, pause, error)
		WHERE w.id = f.id AND w.attempt = f.attempt AND w.state = 'running'
			AND w.claimed_by = runner;
	END IF;
	IF simples = 0 AND processes = 0 THEN
		RETURN;
	END IF;

	PERFORM pg_advisory_xact_lock(7077, 1);
	at := clock_timestamp();
	IF tidy THEN
		-- Of a batch that was lost, one item may have run; so that the others are
		-- not used up with it, the first loss is no attempt. The next one is: then
		-- the item ran alone.
		UPDATE io7.work AS w
		SET state = 'ready', lease_until = NULL, error = 'The runner was lost.',
			attempts_max = w.attempts_max + (
				w.kind = ANY (ARRAY(
					SELECT o.kind FROM unnest(kinds, aparts) AS o (kind, apart)
					WHERE NOT o.apart
				)) AND w.error IS DISTINCT FROM 'The runner was lost.'
			)::int
		WHERE w.id = ANY (ARRAY(
			SELECT o.id FROM io7.work AS o
			WHERE o.state = 'running' AND o.lease_until <= at
			LIMIT 1000
			FOR UPDATE SKIP LOCKED
		));
		UPDATE io7.work AS w
		SET state = 'ready'
		WHERE w.id = ANY (ARRAY(
			SELECT o.id FROM io7.work AS o
			WHERE o.state = 'waiting' AND o.run_at <= at
			ORDER BY o.run_at LIMIT 1000
			FOR UPDATE SKIP LOCKED
		));
	END IF;

	active := ARRAY(
		SELECT n::int FROM unnest(kinds) WITH ORDINALITY AS o (kind, n)
		WHERE EXISTS (
			SELECT FROM io7.work AS w
			WHERE w.state = 'ready' AND w.kind = o.kind
		)
		ORDER BY n
	);
	FOREACH k IN ARRAY active LOOP
		-- An equal share for this kind and for each that follows.
		share := CASE WHEN aparts[k] THEN processes ELSE simples END;
		share := ceil(share / (
			SELECT count(*)::float8 FROM unnest(active) AS o (n)
			WHERE o.n >= k AND aparts[o.n] = aparts[k]
		));
		IF alls[k] > 0 THEN
			share := least(share, alls[k] - (
				SELECT count(*) FROM io7.work AS w
				WHERE w.state = 'running' AND w.kind = kinds[k]
			));
		END IF;
		CONTINUE WHEN share <= 0;

		-- The users from the cursor on, and again from the first one.
		reached := '{}';
		mosts := '{}';
		who := cursors[k];
		is_second_round := false;
		WHILE cardinality(reached) < share LOOP
			SELECT w.user_id INTO who FROM io7.work AS w
			WHERE w.state = 'ready' AND w.kind = kinds[k] AND w.user_id > who
			ORDER BY w.user_id LIMIT 1;
			IF NOT FOUND AND NOT is_second_round THEN
				is_second_round := true;
				SELECT w.user_id INTO who FROM io7.work AS w
				WHERE w.state = 'ready' AND w.kind = kinds[k]
				ORDER BY w.user_id LIMIT 1;
			END IF;
			EXIT WHEN who IS NULL OR is_second_round AND who > cursors[k];
			most := share;
			IF users[k] > 0 THEN
				-- At least half of the processes are left to others.
				most := (
					SELECT least(share, users[k] - count(*),
						CASE WHEN aparts[k]
							THEN ceil((processes - count(*)) / 2.0)
						END)
					FROM io7.work AS w
					WHERE w.state = 'running' AND w.kind = kinds[k]
						AND w.user_id = who
				);
				CONTINUE WHEN most <= 0;
			END IF;
			reached := reached || who;
			mosts := mosts || most;
		END LOOP;
		CONTINUE WHEN cardinality(reached) = 0;
		wanted := ceil(share / cardinality(reached)::float8);

		RETURN QUERY
		WITH picked AS MATERIALIZED (
			SELECT o.id
			FROM unnest(reached, mosts) WITH ORDINALITY AS r (user_id, most, n)
			CROSS JOIN LATERAL (
				SELECT w.id FROM io7.work AS w
				WHERE w.state = 'ready' AND w.kind = kinds[k]
					AND w.user_id = r.user_id
				ORDER BY w.run_at, w.id
				LIMIT least(wanted, r.most)
				FOR UPDATE SKIP LOCKED
			) AS o
			ORDER BY r.n LIMIT share
		), claimed AS (
			UPDATE io7.work AS w
			SET state = 'running', attempt = w.attempt + 1,
				lease_until = at + leases[k] * interval '1 us',
				claimed_by = runner, started_at = at
			WHERE w.id = ANY (ARRAY(SELECT p.id FROM picked AS p))
			RETURNING w.id, w.user_id, w.mode, w.args, w.run_at,
				(extract(epoch FROM at - w.due_at) * 1000000)::bigint AS late_us,
				w.attempt, w.attempts_max, w.error
		)
		SELECT k, c.id, c.user_id, c.mode, c.args, c.late_us, c.attempt,
			c.attempts_max, c.error, NULL::bigint
		FROM claimed AS c
		ORDER BY c.run_at, c.id;

		GET DIAGNOSTICS wanted = ROW_COUNT;
		IF aparts[k] THEN
			processes := processes - wanted;
		ELSE
			simples := simples - wanted;
		END IF;
		kind_no := k;
		user_id := reached[cardinality(reached)];
		RETURN NEXT;
	END LOOP;

	IF tidy THEN
		kind_no := NULL;
		user_id := NULL;
		next_us := (
			SELECT (extract(epoch FROM w.run_at - at) * 1000000)::bigint
			FROM io7.work AS w WHERE w.state = 'waiting'
			ORDER BY w.run_at LIMIT 1
		);
		RETURN NEXT;
	END IF;
END
$$;

GRANT EXECUTE ON FUNCTION io7.work_turn(text, bigint[], int[], text[], bigint[],
	text[], text[], boolean[], bigint[], int[], int[], uuid[], int, int, boolean)
	TO io7_app;
