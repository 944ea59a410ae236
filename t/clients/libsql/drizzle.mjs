// drizzle: drizzle-orm with its driver for libSQL.
//
//     node drizzle.mjs URL TOKEN

import { createClient } from "@libsql/client/http";
import { and, asc, count, eq, gt, relations, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/libsql/http";
import { blob, index, integer, real, sqliteTable, text, uniqueIndex }
	from "drizzle-orm/sqlite-core";
import { bytes, chapter, edgeFloats, edgeTexts, errorOf } from "./transcript.mjs";

const [url, authToken] = process.argv.slice(2);

const users = sqliteTable("users", {
	id: integer().primaryKey({ autoIncrement: true }),
	email: text().notNull(),
	name: text(),
	isAdmin: integer({ mode: "boolean" }).notNull().default(false),
	createdAt: integer({ mode: "timestamp_ms" }),
	score: real(),
	picture: blob({ mode: "buffer" }),
	balance: blob({ mode: "bigint" }),
	settings: text({ mode: "json" }),
}, (table) => [uniqueIndex("by_email").on(table.email)]);
const posts = sqliteTable("posts", {
	id: integer().primaryKey(),
	author: integer().notNull().references(() => users.id,
		{ onDelete: "cascade" }),
	title: text().notNull(),
}, (table) => [index("by_author").on(table.author)]);
const schema = {
	users, posts,
	usersRelations: relations(users, ({ many }) => ({ posts: many(posts) })),
	postsRelations: relations(posts, ({ one }) => ({
		writer: one(users, { fields: [posts.author], references: [users.id] }),
	})),
};
const client = createClient({ url, authToken });
const db = drizzle({ client, schema });

await client.executeMultiple(`
	DROP TABLE IF EXISTS posts;
	DROP TABLE IF EXISTS users;
	CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL,
		name TEXT, isAdmin INTEGER NOT NULL DEFAULT 0, createdAt INTEGER,
		score REAL, picture BLOB, balance BLOB, settings TEXT);
	CREATE UNIQUE INDEX by_email ON users (email);
	CREATE TABLE posts (id INTEGER PRIMARY KEY, author INTEGER NOT NULL
		REFERENCES users (id) ON DELETE CASCADE, title TEXT NOT NULL);
	CREATE INDEX by_author ON posts (author);
`);

await chapter("writing", async (note) => {
	note("one", await db.insert(users).values({
		email: "one@example.com", name: "One", isAdmin: true, score: 1.5,
		createdAt: new Date(1_000_000_000_000), picture: Buffer.from(bytes),
		balance: 2n ** 63n, settings: { theme: "dark", list: [1, null] },
	}).returning());
	note("several", await db.insert(users).values(["two", "three", "four"]
		.map((name, n) => ({ email: `${name}@example.com`, name, score: n }))));
	note("upsert", await db.insert(users).values({
		email: "two@example.com", name: "Two again",
	}).onConflictDoUpdate({ target: users.email, set: { name: "Two again" } })
		.returning({ id: users.id, name: users.name }));
	note("nothing", await db.insert(users).values({ email: "two@example.com" })
		.onConflictDoNothing());
	note("update", await db.update(users).set({
		score: sql`${users.score} + 1` }).where(gt(users.score, 0)).returning());
	note("delete", await db.delete(users).where(eq(users.name, "four")));
	note("posts", await db.insert(posts).values([1, 2, 3].map((id) => ({
		id, author: id % 2 + 1, title: `Post ${id}` }))));
});

await chapter("reading", async (note) => {
	note("all", await db.select().from(users).orderBy(asc(users.id)));
	note("get", await db.select().from(users).where(eq(users.id, 1)).get());
	note("values", await db.select({ id: users.id, name: users.name })
		.from(users).orderBy(users.id).values());
	note("none", await db.select().from(users).where(and(eq(users.id, 1),
		eq(users.id, 2))));
	note("join", await db.select().from(posts)
		.innerJoin(users, eq(posts.author, users.id)).orderBy(posts.id));
	note("group", await db.select({ author: posts.author, n: count() })
		.from(posts).groupBy(posts.author).orderBy(posts.author));
	note("relations", await db.query.users.findMany({
		with: { posts: { columns: { title: true } } },
		columns: { id: true, email: true },
		orderBy: users.id,
	}));
	const prepared = db.select({ email: users.email }).from(users)
		.where(eq(users.id, sql.placeholder("id"))).prepare();

	note("prepared", await Promise.all([1, 2, 9].map((id) =>
		prepared.execute({ id }))));
	note("raw", await db.all(sql`SELECT ${"é"} AS x, ${null} AS y, ${1.5} AS z`));
});

await chapter("values", async (note) => {
	for (const value of [...edgeTexts, ...edgeFloats])
		note("value", await db.get(sql`SELECT ${value} AS value`));
	for (const balance of [0n, -(2n ** 70n), 10n ** 30n]) {
		await db.update(users).set({ balance }).where(eq(users.id, 1));
		note("bigint", await db.select({ balance: users.balance }).from(users)
			.where(eq(users.id, 1)));
	}
});

await chapter("errors", async (note) => {
	note("unique", await errorOf(db.insert(users).values({
		email: "one@example.com" })));
	note("foreign key", await errorOf(db.insert(posts).values({
		author: 99, title: "no author" })));
	note("not null", await errorOf(db.run(
		sql`INSERT INTO users (email) VALUES (NULL)`)));
	note("syntax", await errorOf(db.run(sql`SELEC 1`)));
	note("no table", await errorOf(db.run(sql`SELECT * FROM missing`)));
});

await chapter("transactions", async (note) => {
	note("committed", await db.transaction(async (tx) => {
		await tx.insert(users).values({ email: "tx@example.com" });
		await tx.transaction(async (inner) => {
			await inner.update(users).set({ name: "inner" })
				.where(eq(users.email, "tx@example.com"));
		});
		await errorOf(tx.transaction(async (inner) => {
			await inner.delete(users);
			inner.rollback();
		}));
		return tx.select({ n: count() }).from(users);
	}));
	note("rolled back", await errorOf(db.transaction(async (tx) => {
		await tx.delete(posts);
		tx.rollback();
	})));
	note("failed", await errorOf(db.transaction(async (tx) => {
		await tx.delete(posts);
		await tx.insert(users).values({ email: "one@example.com" });
	})));
	note("posts", await db.select().from(posts).orderBy(posts.id));
	note("users", await db.select({ name: users.name }).from(users)
		.orderBy(users.id));
	note("batch", await db.batch([
		db.insert(posts).values({ id: 9, author: 1, title: "batch" }).returning(),
		db.select({ n: count() }).from(posts),
		db.delete(posts).where(eq(posts.id, 9)),
	]));
	note("failed batch", await errorOf(db.batch([
		db.delete(posts),
		db.insert(users).values({ email: "one@example.com" }),
	])));
	note("posts", await db.select({ n: count() }).from(posts));
});

client.close();
