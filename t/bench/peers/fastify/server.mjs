// server.mjs: what a Node developer would write in place of io7's GET of a key: Fastify,
// ioredis and postgres.js, two processes on one port.
//
//     node server.mjs '{"port": 3000, "redis": PATH, "postgres": FOLDER,
//         "script": FILE, "accounts": {SHA-256 of a key: {"user", "schema"}}}'
//
// It does the same work: the key is hashed and found in memory, io7's own script
// checks the revocation stamp, the limits and the credits in Redis, PostgreSQL
// executes io7's statement, prepared, and the headers say the same. Settings are in
// its favour: no request log, no parsing of the value. Automatic pipelining of ioredis
// and fewer connections than postgres.js opens by default were tried, and are slower.

import cluster from "node:cluster";
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import fastify from "fastify";
import Redis from "ioredis";
import postgres from "postgres";

const config = JSON.parse(process.argv[2]);
const PROCESSES = 2;
const PASS = 0, STALE = 1;
const NONE = Buffer.alloc(16);
const REQUESTS = 1e9, CREDITS = 1e12, DAY_S = 86400, STAMP_S = 3600;

if (cluster.isPrimary) {
	for (let i = 0; i < PROCESSES; i++)
		cluster.fork();
	// The benchmark ends this process by closing its standard input.
	process.stdin.on("end", () => process.exit()).resume();
} else {
	serve();
}

function serve() {
	const app = fastify({ logger: false });
	const redis = new Redis(config.redis);
	const sql = postgres({ host: config.postgres, database: "io7_live",
		username: "postgres" });

	redis.defineCommand("admit", { numberOfKeys: 4,
		lua: readFileSync(config.script, "utf8") });
	app.get("/kv/:key", async (request, reply) => {
		const account = find(request.headers.authorization);

		if (!account)
			return reply.code(401).send({ error: "unauthorized" });
		const limits = await admit(redis, account);

		if (limits.verdict !== PASS)
			return reply.code(429).send({ error: "rate_limited" });
		const [row] = await sql`
			SELECT value::text, version, expires_at, updated_at
			FROM ${sql(account.schema)}.kv_store
			WHERE key = ${request.params.key}
				AND (expires_at IS NULL OR expires_at > now())`;

		if (!row)
			return reply.code(404).send({ error: "not_found" });
		headers(reply, row, limits);
		return row.value;
	});
	app.listen({ port: config.port, host: "127.0.0.1", backlog: 4096 });
}

function find(authorization) {
	const key = authorization?.startsWith("Bearer ") && authorization.slice(7);

	return key && config.accounts[createHash("sha256").update(key).digest("hex")];
}

// Keys and arguments are those of fcgi/meter/limit.lua.
async function admit(redis, account) {
	const now = Date.now();
	const day = Math.floor(now / 1000 / DAY_S);

	for (;;) {
		const [verdict, stamp, , before, here, used] = await redis.admitBuffer(
			`fastify:stamp:${account.user}`, `fastify:key:${account.user}`,
			`fastify:credits:${account.user}:${day}`,
			`fastify:account:${account.user}`,
			account.stamp ?? NONE, randomBytes(16), STAMP_S,
			REQUESTS, now * 1000, CREDITS, 1, 0, 2 * DAY_S, 1, 0,
			10 * REQUESTS);

		account.stamp = stamp;
		if (verdict !== STALE)
			return { verdict, left: REQUESTS - before - here,
				credits: CREDITS - used, now };
	}
}

function headers(reply, row, { left, credits, now }) {
	const seconds = Math.floor(now / 1000);
	const minute = 60 - seconds % 60;

	reply.headers({
		"content-type": "application/json; charset=utf-8",
		"io7-mode": "live",
		"x-ratelimit-limit": REQUESTS,
		"x-ratelimit-remaining": left,
		"x-ratelimit-reset": seconds + minute,
		"ratelimit-policy": `"minute";q=${REQUESTS};w=60, `
			+ `"daily";q=${CREDITS};w=${DAY_S}`,
		"ratelimit": `"minute";r=${left};t=${minute}, `
			+ `"daily";r=${credits};t=${DAY_S - seconds % DAY_S}`,
		"etag": `"${row.version}"`,
		"last-modified": row.updated_at.toUTCString(),
	});
}
