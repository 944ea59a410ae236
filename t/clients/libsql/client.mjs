// client: @libsql/client over HTTP.
//
//     node client.mjs URL TOKEN

import { createClient } from "@libsql/client/http";
import { bytes, chapter, edgeFloats, edgeIntegers, edgeTexts, errorOf }
	from "./transcript.mjs";

const [url, authToken] = process.argv.slice(2);
const db = createClient({ url, authToken });

function result({ columns, columnTypes, rows, rowsAffected, lastInsertRowid }) {
	return { columns, columnTypes, rows: rows.map((row) => Array.from(row)),
		rowsAffected, lastInsertRowid };
}

async function run(statement, args) {
	return result(await db.execute(statement, args));
}

async function count(table = "t") {
	return (await db.execute(`SELECT count(*) AS n FROM ${table}`)).rows[0].n;
}

await db.executeMultiple(`
	DROP TABLE IF EXISTS child;
	DROP TABLE IF EXISTS t;
	DROP TABLE IF EXISTS v;
	DROP TABLE IF EXISTS big;
`);

await chapter("schema", async (note) => {
	note("protocol", db.protocol);
	note("table", await run(`CREATE TABLE t (id INTEGER PRIMARY KEY,
		name TEXT NOT NULL UNIQUE, n INT CHECK (n < 100), d REAL, b BLOB)`));
	note("child", await run(`CREATE TABLE child (t INTEGER NOT NULL
		REFERENCES t (id) ON DELETE RESTRICT)`));
	note("index", await run("CREATE INDEX by_n ON t (n)"));
	note("values", await run("CREATE TABLE v (id INTEGER PRIMARY KEY, x)"));
	note("again", await errorOf(run("CREATE TABLE v (y)")));
	note("columns", await run("PRAGMA table_info(t)"));
	note("added", await run("ALTER TABLE t ADD COLUMN more TEXT DEFAULT 'x'"));
	note("typed", await run("SELECT * FROM t"));
});

await chapter("statements", async (note) => {
	note("insert", await run("INSERT INTO t (name, n) VALUES ('one', 1)"));
	note("positional", await run("INSERT INTO t (name, n) VALUES (?, ?)",
		["two", 2]));
	for (const sign of [":", "@", "$"])
		note(`named ${sign}`, await run({
			sql: `SELECT ${sign}a + ${sign}b AS sum, ${sign}a`,
			args: { a: 1, [`${sign}b`]: 2 },
		}));
	note("numbered", await run("SELECT ?2, ?1, ?2", [1, "two"]));
	note("returning", await run(`INSERT INTO t (name, n) VALUES ('three', 3)
		RETURNING id, name, n * 2 AS twice`));
	note("update", await run("UPDATE t SET n = n + 1 WHERE n >= 2"));
	note("upsert", await run(`INSERT INTO t (name, n) VALUES ('one', 9)
		ON CONFLICT (name) DO UPDATE SET n = excluded.n`));
	note("delete", await run("DELETE FROM t WHERE name = 'three'"));
	note("rows", await run("SELECT id, name, n, d FROM t ORDER BY id"));
	note("recursive", await run(`WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL
		SELECT x + 1 FROM c WHERE x < 5) SELECT sum(x) FROM c`));
	note("json", await run("SELECT json_extract(?, '$.a[1]')",
		['{"a":[1,{"b":2}]}']));
	note("no rows", await run("SELECT * FROM t WHERE 0"));
});

await chapter("errors", async (note) => {
	const broken = {
		unique: "INSERT INTO t (name) VALUES ('one')",
		check: "INSERT INTO t (name, n) VALUES ('x', 100)",
		"not null": "INSERT INTO t (name) VALUES (NULL)",
		"primary key": "INSERT INTO t (id, name) VALUES (1, 'x')",
		"foreign key": "INSERT INTO child VALUES (1000)",
		mismatch: "INSERT INTO t (id, name) VALUES ('x', 'x')",
		syntax: "SELEC 1",
		incomplete: "SELECT (",
		table: "SELECT * FROM missing",
		column: "SELECT missing FROM t",
		function: "SELECT missing(1)",
		arithmetic: "SELECT abs(-9223372036854775807 - 1)",
		empty: "",
		two: "SELECT 1; SELECT 2",
		attach: "ATTACH 'other.db' AS other",
	};

	for (const [name, sql] of Object.entries(broken))
		note(name, await errorOf(run(sql)));
	note("few arguments", await errorOf(run("SELECT ?, ?", [1])));
	note("many arguments", await errorOf(run("SELECT ?", [1, 2])));
	note("another name", await errorOf(run({ sql: "SELECT :a",
		args: { b: 1 } })));
	note("count", await count());
});

await chapter("values", async (note) => {
	const values = [null, true, false, ...edgeTexts, ...edgeFloats, 1, -0,
		NaN, Infinity, new Date(0), bytes, new Uint8Array(0),
		new ArrayBuffer(3)];

	for (const value of values)
		note("value", await errorOf(run(
			"SELECT ? AS x, typeof(?1), length(?1)", [value])));
	await db.batch(values.slice(0, 20).map((value) => ({
		sql: "INSERT INTO v (x) VALUES (?)", args: [value] })), "write");
	note("stored", await run("SELECT x, typeof(x) FROM v ORDER BY id"));
	note("literals", await run(`SELECT NULL, 1.0, -0.0, 0x10, x'00ff', 'it''s',
		1e15, 1e16, 12345678901234567890`));
	note("infinity", await errorOf(run("SELECT 1e999, -1e999")));
});

await chapter("integers", async (note) => {
	for (const intMode of ["number", "bigint", "string"]) {
		const other = createClient({ url, authToken, intMode });

		for (const integer of edgeIntegers)
			note(`${intMode} ${integer}`, await errorOf(
				other.execute("SELECT ? AS n, typeof(?1) AS t",
					[integer]).then(result)));
		other.close();
	}
	note("too large", await errorOf(run("SELECT ?", [2n ** 63n])));
	note("rowid", await run("INSERT INTO v (id, x) VALUES (?, 'last')",
		[2n ** 63n - 1n]));
});

await chapter("batch", async (note) => {
	note("results", (await db.batch([
		"SELECT 1 AS one",
		{ sql: "INSERT INTO t (name) VALUES (?)", args: ["batch"] },
		{ sql: "SELECT name FROM t WHERE name = :name",
			args: { name: "batch" } },
	], "write")).map(result));
	for (const mode of ["write", "read", "deferred"]) {
		note(`failed in ${mode}`, await errorOf(db.batch([
			"INSERT INTO t (name) VALUES ('undone')",
			"INSERT INTO t (name) VALUES ('one')",
			"SELECT 1",
		], mode)));
		note("count", await count());
	}
	note("syntax", await errorOf(db.batch(["SELECT 1", "SELEC"], "write")));
	note("empty", await db.batch([], "write"));
	note("migration", (await db.migrate([
		"CREATE TABLE big (n INTEGER PRIMARY KEY, text TEXT)",
		"CREATE INDEX big_text ON big (text)",
	])).map(result));
});

await chapter("transactions", async (note) => {
	for (const mode of ["write", "deferred"]) {
		const tx = await db.transaction(mode);

		note("insert", result(await tx.execute({
			sql: "INSERT INTO t (name) VALUES (?)", args: [mode] })));
		note("inside", result(await tx.execute(
			"SELECT count(*) FROM t")));
		note("outside", await count());
		note("error", await errorOf(tx.execute(
			"INSERT INTO t (name) VALUES ('one')")));
		note("batch", (await tx.batch(["SELECT 1",
			`INSERT INTO t (name) VALUES ('${mode} 2')`])).map(result));
		await tx.commit();
		note("closed", tx.closed);
		note("after", await count());
		note("used after", await errorOf(tx.execute("SELECT 1")));
	}
	const undone = await db.transaction("write");

	await undone.executeMultiple("DELETE FROM child; DELETE FROM t;");
	note("inside", result(await undone.execute("SELECT count(*) FROM t")));
	await undone.rollback();
	note("rolled back", await count());

	const closed = await db.transaction("write");

	await closed.execute("DELETE FROM t");
	closed.close();
	note("closed", await count());

	const reader = await db.transaction("read");
	const before = result(await reader.execute("SELECT count(*) FROM t"));

	await run("INSERT INTO t (name) VALUES ('meanwhile')");
	note("a snapshot", [before, result(await reader.execute(
		"SELECT count(*) FROM t"))]);
	await reader.commit();
	note("after it", await count());
});

// Each adds one to a number that all share: no addition may be lost.
await chapter("concurrency", async (note) => {
	await run("INSERT INTO v (id, x) VALUES (0, 0)");
	await Promise.all(Array.from({ length: 8 }, async () => {
		for (let i = 0; i < 3; i++) {
			const tx = await db.transaction("write");
			const { rows: [{ x }] } = await tx.execute(
				"SELECT x FROM v WHERE id = 0");

			await tx.execute({ sql: "UPDATE v SET x = ? WHERE id = 0",
				args: [x + 1] });
			await tx.commit();
		}
	}));
	note("sum", await run("SELECT x FROM v WHERE id = 0"));
	const answers = await Promise.all(Array.from({ length: 20 }, (_, n) =>
		run("SELECT ? AS n", [n])));

	note("reads", answers.map(({ rows }) => rows[0][0]));
});

await chapter("sequence", async (note) => {
	note("several", await db.executeMultiple(`
		INSERT INTO big (n, text) VALUES (1, 'one');
		-- a comment; with a semicolon
		INSERT INTO big (n, text) VALUES (2, 'it''s; two');
		SELECT * FROM big;
	`));
	note("stops", await errorOf(db.executeMultiple(`
		INSERT INTO big (n, text) VALUES (3, 'three');
		INSERT INTO big (n, text) VALUES (3, 'again');
		INSERT INTO big (n, text) VALUES (4, 'never');
	`)));
	note("rows", await run("SELECT * FROM big ORDER BY n"));
	note("trigger", await db.executeMultiple(`
		CREATE TRIGGER tr AFTER INSERT ON big WHEN new.n > 90 BEGIN
			INSERT INTO v (x) VALUES ('a;b');
			DELETE FROM big WHERE n = 1;
		END;
		INSERT INTO big (n) VALUES (99);
		DROP TRIGGER tr;
	`));
	note("rows", await run("SELECT * FROM big ORDER BY n"));
});

await chapter("large", async (note) => {
	await run(`WITH RECURSIVE c (x) AS (SELECT 100 UNION ALL SELECT x + 1 FROM c
		WHERE x < 10099) INSERT INTO big SELECT x, 'row ' || x || printf(
		'%.*c', 100, 'x') FROM c`);
	const { rows } = await db.execute("SELECT * FROM big WHERE n >= 100"
		+ " ORDER BY n");

	note("rows", rows.length);
	note("bytes", rows.reduce((sum, { text }) => sum + text.length, 0));
	note("last", Array.from(rows.at(-1)));
	const blob = new Uint8Array(1_000_000).map((_, n) => n * 31 % 256);
	const { rows: [{ b }] } = await db.execute(
		"SELECT ? AS b", [blob]);

	note("blob", Buffer.from(b).equals(Buffer.from(blob)));
});

db.close();
