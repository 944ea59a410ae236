// serverless: @tursodatabase/serverless, which speaks version 3 and cursors, by its own
// interface and by the one that looks like @libsql/client.
//
//     node serverless.mjs URL TOKEN

import { connect } from "@tursodatabase/serverless";
import { createClient } from "@tursodatabase/serverless/compat";
import { bytes, chapter, edgeFloats, edgeIntegers, edgeTexts, errorOf }
	from "./transcript.mjs";

const [url, authToken] = process.argv.slice(2);
const db = connect({ url, authToken });

await db.exec(`
	DROP TABLE IF EXISTS item;
	DROP TABLE IF EXISTS shop;
	CREATE TABLE shop (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
	CREATE TABLE item (id INTEGER PRIMARY KEY, shop REFERENCES shop (id),
		name TEXT NOT NULL, price REAL CHECK (price >= 0), picture BLOB);
`);

await chapter("statements", async (note) => {
	const insert = await db.prepare("INSERT INTO shop (name) VALUES (?)");

	note("run", await insert.run(["one"]));
	note("again", await insert.run(["two"]));
	note("columns", (await db.prepare("SELECT id, name AS n, 1 + 1 FROM shop"))
		.columns());
	const select = await db.prepare("SELECT * FROM shop WHERE id >= ? ORDER BY id");

	note("all", await select.all([1]));
	note("get", await select.get([2]));
	note("none", await select.get([9]));
	note("raw", await (await db.prepare("SELECT * FROM shop ORDER BY id"))
		.raw().all());
	note("pluck", await (await db.prepare("SELECT name FROM shop ORDER BY id"))
		.pluck().all());
	const named = await db.prepare("SELECT :a AS a, @b AS b, $c AS c");

	note("named", await named.all({ a: 1, b: "two", c: null }));
	const rows = [];

	for await (const row of select.iterate([1]))
		rows.push(row);
	note("iterate", rows);
	note("exec", await db.exec("SELECT 1 AS one, 'x' AS x"));
	note("update", await db.run("UPDATE shop SET name = name || '!'"));
	note("returning", await db.all(
		"INSERT INTO item (name) VALUES ('pen') RETURNING id, name"));
	note("pragma", await db.pragma("table_info(shop)"));
});

await chapter("values", async (note) => {
	const echo = await db.prepare("SELECT ? AS x");

	for (const value of [null, true, ...edgeTexts, ...edgeFloats, bytes])
		note("value", await errorOf(echo.get([value])));
	echo.safeIntegers(true);
	for (const value of edgeIntegers)
		note(`integer ${value}`, await errorOf(echo.get([value])));
	note("literals", await db.all("SELECT 1.0, -1.5, 1e300, x'00ff', NULL, ''"));
});

await chapter("errors", async (note) => {
	for (const sql of ["INSERT INTO shop (name) VALUES ('one!')",
		"INSERT INTO item (name, price) VALUES ('x', -1)",
		"INSERT INTO item (name) VALUES (NULL)",
		"INSERT INTO item (shop, name) VALUES (99, 'x')",
		"SELECT * FROM missing", "SELECT missing FROM shop",
		"SELECT abs(-9223372036854775807 - 1)"]) {
		note(sql, await errorOf(db.all(sql)));
		note("prepared", await errorOf(db.prepare(sql).then((statement) =>
			statement.run())));
	}
	note("few arguments", await errorOf(db.all("SELECT ?, ?", 1)));
	note("goes on", await db.all("SELECT count(*) AS n FROM shop"));
});

await chapter("batch", async (note) => {
	note("batch", await db.batch(["INSERT INTO shop (name) VALUES ('b1')",
		{ sql: "INSERT INTO shop (name) VALUES (?)", args: ["b2"] }], "write"));
	note("failed", await errorOf(db.batch(["INSERT INTO shop (name) VALUES ('b3')",
		"INSERT INTO shop (name) VALUES ('b1')"], "write")));
	note("rows", await db.all("SELECT name FROM shop ORDER BY id"));
	note("exec", await errorOf(db.exec(`INSERT INTO shop (name) VALUES ('e1');
		INSERT INTO shop (name) VALUES ('b1');
		INSERT INTO shop (name) VALUES ('e2')`)));
	note("rows", await db.all("SELECT name FROM shop ORDER BY id"));
});

await chapter("transactions", async (note) => {
	const move = db.transaction(async (name, fails) => {
		await db.run("INSERT INTO shop (name) VALUES (?)", name);
		note("inside", db.inTransaction);
		if (fails)
			throw new Error("changed its mind");
		return name;
	});

	for (const kind of ["deferred", "immediate", "exclusive"])
		note(kind, await errorOf(move[kind](kind, false)));
	note("failed", await errorOf(move("never", true)));
	note("outside", db.inTransaction);
	await db.run("BEGIN");
	await db.run("DELETE FROM shop WHERE name = 'b2'");
	note("by hand", db.inTransaction);
	await db.run("ROLLBACK");
	note("rows", await db.all("SELECT name FROM shop ORDER BY id"));
});

await chapter("large", async (note) => {
	let rows = 0, characters = 0;
	const statement = await db.prepare(`WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL
		SELECT x + 1 FROM c WHERE x < 20000)
		SELECT x, printf('%.*c', 100, 'x') AS text FROM c`);

	for await (const row of statement.iterate()) {
		rows++;
		characters += row.text.length;
	}
	note("rows", [rows, characters]);
});

await db.close();

await chapter("compat", async (note) => {
	const client = createClient({ url, authToken });

	note("execute", await client.execute({ sql: "SELECT ? AS x", args: ["é"] }));
	note("error", await errorOf(client.execute("SELECT * FROM missing")));
	note("batch", await client.batch([
		"INSERT INTO shop (name) VALUES ('compat')",
		"SELECT name FROM shop ORDER BY id DESC LIMIT 1"], "write"));
	note("multiple", await client.executeMultiple(
		"DELETE FROM item; DELETE FROM shop;"));
	note("rows", await client.execute("SELECT count(*) AS n FROM shop"));
	client.close();
});
