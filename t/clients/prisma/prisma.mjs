// prisma: Prisma's client with its adapter for libSQL. The client is generated at the
// first run, by Prisma's own command.
//
//     node prisma.mjs URL TOKEN

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { PrismaLibSql } from "@prisma/adapter-libsql/web";
import { createClient } from "@libsql/client/http";
import { chapter, errorOf } from "./transcript.mjs";

const [url, authToken] = process.argv.slice(2);
const folder = fileURLToPath(new URL(".", import.meta.url));

// The generator runs without the schema engine, a program that is not on npm; Prisma
// downloads it unless it is told where one is.
function generate() {
	const { status, stderr } = spawnSync(process.execPath,
		["node_modules/prisma/build/index.js", "generate"], {
			cwd: folder, encoding: "utf8", env: { ...process.env,
				PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
				CHECKPOINT_DISABLE: "1" },
		});

	if (status !== 0)
		throw new Error(stderr);
}

if (!existsSync(`${folder}/generated`))
	generate();
const { PrismaClient } = createRequire(import.meta.url)("./generated");

// --- The tables, as `prisma migrate diff` writes them ---------------------------

const client = createClient({ url, authToken });

await client.executeMultiple(`
	DROP TABLE IF EXISTS "Post";
	DROP TABLE IF EXISTS "User";
	CREATE TABLE "User" (
		"id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
		"email" TEXT NOT NULL, "name" TEXT, "big" BIGINT, "score" REAL,
		"amount" DECIMAL, "born" DATETIME, "data" BLOB, "details" JSONB);
	CREATE TABLE "Post" (
		"id" INTEGER NOT NULL PRIMARY KEY, "title" TEXT NOT NULL,
		"isPublic" BOOLEAN NOT NULL DEFAULT false, "writerId" INTEGER NOT NULL,
		CONSTRAINT "Post_writerId_fkey" FOREIGN KEY ("writerId")
			REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE);
	CREATE UNIQUE INDEX "User_email_key" ON "User"("email");
	CREATE INDEX "Post_writerId_idx" ON "Post"("writerId");
`);
client.close();

// --- The requests ---------------------------------------------------------------

const prisma = new PrismaClient({ adapter: new PrismaLibSql({
	url, authToken, intMode: "bigint" }) });

await chapter("models", async (note) => {
	note("create", await prisma.user.create({ data: {
		email: "one@example.com", name: "Öne 😀", big: 2n ** 63n - 1n, score: 1.5,
		amount: "12.34", born: new Date(1_000_000_000_000),
		data: Uint8Array.from([0, 1, 254, 255]), details: { list: [1, null, "x"] },
	} }));
	note("create many", await prisma.user.createMany({ data: [
		{ email: "two@example.com", big: -(2n ** 63n) },
		{ email: "three@example.com", score: 1e300 },
	] }));
	note("nested", await prisma.user.update({
		where: { email: "two@example.com" },
		data: { name: "Two", posts: { create: [{ id: 1, title: "First" },
			{ id: 2, title: "Second", isPublic: true }] } },
		include: { posts: true },
	}));
	note("find", await prisma.user.findMany({ orderBy: { id: "asc" } }));
	note("filter", await prisma.user.findMany({
		where: { OR: [{ score: { gt: 1e200 } }, { posts: { some: { isPublic: true } } }] },
		select: { id: true, posts: { select: { title: true }, orderBy: { id: "asc" } } },
		orderBy: { id: "asc" },
	}));
	note("page", await prisma.user.findMany({ skip: 1, take: 1, orderBy: { id: "asc" },
		select: { id: true } }));
	note("none", await prisma.user.findUnique({ where: { id: 99 } }));
	note("count", await prisma.user.count());
	note("aggregate", await prisma.user.aggregate({ _count: true, _max: { id: true },
		_min: { score: true } }));
	note("group", await prisma.post.groupBy({ by: ["isPublic"], _count: true,
		orderBy: { isPublic: "asc" } }));
	note("upsert", await prisma.user.upsert({ where: { email: "one@example.com" },
		create: { email: "one@example.com" }, update: { name: "Again" } }));
	note("update many", await prisma.user.updateMany({ where: { name: null },
		data: { name: "Nobody" } }));
	note("raw", await prisma.$queryRaw`SELECT ${1} AS n, ${"x"} AS x, ${null} AS z`);
	note("execute", await prisma.$executeRaw`UPDATE "User" SET score = 2 WHERE id > ${1}`);
});

await chapter("errors", async (note) => {
	note("unique", await errorOf(prisma.user.create({
		data: { email: "one@example.com" } })));
	note("foreign key", await errorOf(prisma.post.create({
		data: { id: 9, title: "x", writerId: 99 } })));
	note("not found", await errorOf(prisma.user.delete({ where: { id: 99 } })));
	note("syntax", (await errorOf(prisma.$queryRawUnsafe("SELEC 1"))).code);
	note("no table", await errorOf(prisma.$queryRawUnsafe("SELECT * FROM missing")));
});

await chapter("transactions", async (note) => {
	note("batch", await prisma.$transaction([
		prisma.user.create({ data: { email: "batch@example.com" } }),
		prisma.user.count(),
	]));
	note("failed batch", await errorOf(prisma.$transaction([
		prisma.user.deleteMany(),
		prisma.user.create({ data: { email: "x@example.com" } }),
		prisma.user.create({ data: { email: "x@example.com" } }),
	])));
	note("transaction", await prisma.$transaction(async (tx) => {
		await tx.post.create({ data: { id: 3, title: "Third", writerId: 1 } });
		return tx.post.count();
	}));
	note("failed transaction", await errorOf(prisma.$transaction(async (tx) => {
		await tx.user.deleteMany();
		throw new Error("changed its mind");
	})));
	note("count", await prisma.user.count());
	note("cascade", [await prisma.user.delete({ where: { id: 1 } }),
		await prisma.post.findMany({ orderBy: { id: "asc" } })]);
});

await prisma.$disconnect();
