// server.mjs: what a Node developer would write in place of a user database: Fastify and
// better-sqlite3, two processes on one port, with a prepared statement for each route.
//
//     node server.mjs '{"port": 3000, "database": FILE, "keys": [SHA-256 of a key]}'
//
// The API key is hashed and found in memory. The database has the pragmas of io7's own:
// a commit waits for the disk. No limits are checked and no usage is counted.

import cluster from "node:cluster";
import { createHash } from "node:crypto";
import Database from "better-sqlite3";
import fastify from "fastify";

const config = JSON.parse(process.argv[2]);
const PROCESSES = 2;

if (cluster.isPrimary) {
	for (let i = 0; i < PROCESSES; i++)
		cluster.fork();
	// The benchmark ends this process by closing its standard input.
	process.stdin.on("end", () => process.exit()).resume();
} else {
	serve();
}

function open() {
	const db = new Database(config.database, { timeout: 5000 });

	for (const pragma of ["journal_mode = WAL", "synchronous = FULL",
		"temp_store = MEMORY", "cache_size = -1000", "foreign_keys = ON",
		"journal_size_limit = 1048576"])
		db.pragma(pragma);
	return db;
}

function serve() {
	const app = fastify({ logger: false });
	const db = open();
	const keys = new Set(config.keys);
	const read = db.prepare("SELECT id, name, n FROM item WHERE id = ?");
	const write = db.prepare("UPDATE item SET n = n + 1 WHERE id = ?");

	app.addHook("onRequest", async ({ headers: { authorization } }, reply) => {
		const key = authorization?.startsWith("Bearer ") && authorization.slice(7);

		if (!key || !keys.has(createHash("sha256").update(key).digest("hex")))
			return reply.code(401).send({ error: "unauthorized" });
	});
	app.get("/items/:id", async ({ params: { id } }, reply) =>
		read.get(id) ?? reply.code(404).send({ error: "not_found" }));
	app.post("/items/:id/n", async ({ params: { id } }) =>
		({ changes: write.run(id).changes }));
	app.listen({ port: config.port, host: "127.0.0.1", backlog: 4096 });
}
