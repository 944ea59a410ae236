// kysely: Kysely with its dialect for libSQL, which brings an older @libsql/client.
//
//     node kysely.mjs URL TOKEN

import { LibsqlDialect, libsql } from "@libsql/kysely-libsql";
import { Kysely, sql } from "kysely";
import { bytes, chapter, edgeFloats, edgeTexts, errorOf } from "./transcript.mjs";

const [url, authToken] = process.argv.slice(2);
const db = new Kysely({ dialect: new LibsqlDialect({ url, authToken }) });
const wide = new Kysely({ dialect: new LibsqlDialect({
	client: libsql.createClient({ url, authToken, intMode: "bigint" }) }) });

for (const table of ["toy", "pet", "person"])
	await db.schema.dropTable(table).ifExists().execute();

await chapter("schema", async (note) => {
	note("tables", [
		await db.schema.createTable("person")
			.addColumn("id", "integer", (c) => c.primaryKey())
			.addColumn("name", "text", (c) => c.notNull().unique())
			.addColumn("age", "integer", (c) => c.check(sql`age < 150`))
			.addColumn("height", "real")
			.addColumn("picture", "blob").execute(),
		await db.schema.createTable("pet")
			.addColumn("id", "integer", (c) => c.primaryKey()
				.autoIncrement())
			.addColumn("owner", "integer", (c) => c.notNull()
				.references("person.id").onDelete("cascade"))
			.addColumn("name", "text", (c) => c.defaultTo("Rex"))
			.execute(),
		await db.schema.createIndex("pet_owner").on("pet").column("owner")
			.execute(),
		await db.schema.alterTable("pet").addColumn("kind", "text").execute(),
	]);
	note("introspected", (await db.introspection.getTables()).filter(({ name }) =>
		["person", "pet"].includes(name)));
});

await chapter("writing", async (note) => {
	note("one", await db.insertInto("person").values({ name: "Ann", age: 30,
		height: 1.7, picture: bytes }).executeTakeFirst());
	note("several", await db.insertInto("person").values([
		{ name: "Bob", age: 40 }, { name: "Cid", age: null }]).execute());
	note("returning", await db.insertInto("pet").values({ owner: 1 })
		.returningAll().execute());
	note("upsert", await db.insertInto("person").values({ name: "Bob", age: 1 })
		.onConflict((c) => c.column("name").doUpdateSet({
			age: (e) => e("excluded.age", "+", e.ref("person.age")) }))
		.returning(["id", "age"]).execute());
	note("update", await db.updateTable("person").set({ age: 31 })
		.where("name", "=", "Ann").execute());
	note("no update", await db.updateTable("person").set({ age: 31 })
		.where("name", "=", "nobody").executeTakeFirst());
	note("delete", await db.deleteFrom("person").where("age", "is", null)
		.execute());
});

await chapter("reading", async (note) => {
	note("all", await db.selectFrom("person").selectAll().orderBy("id").execute());
	note("join", await db.selectFrom("person").leftJoin("pet", "pet.owner",
		"person.id").select(["person.name", "pet.name as pet", "pet.kind"])
		.orderBy("person.id").execute());
	note("group", await db.selectFrom("person").select(({ fn }) => [
		fn.countAll().as("n"), fn.max("age").as("oldest"),
		fn.avg("age").as("mean")]).execute());
	note("with", await db.with("old", (q) => q.selectFrom("person").selectAll()
		.where("age", ">", 35)).selectFrom("old").select("name").execute());
	note("none", await db.selectFrom("person").selectAll().where("id", "in",
		[99]).execute());
	for (const value of [null, ...edgeTexts, ...edgeFloats, 2 ** 53 - 1])
		note("value", await sql`SELECT ${value} AS value`.execute(db));
	for (const value of [1n, 2n ** 63n - 1n, -(2n ** 63n)])
		note("bigint", await sql`SELECT ${value} AS value`.execute(wide));
});

await chapter("errors", async (note) => {
	note("unique", await errorOf(db.insertInto("person").values({ name: "Ann" })
		.execute()));
	note("check", await errorOf(db.insertInto("person").values({ name: "Old",
		age: 200 }).execute()));
	note("foreign key", await errorOf(db.insertInto("pet").values({ owner: 9 })
		.execute()));
	note("not null", await errorOf(db.insertInto("person").values({ name: null })
		.execute()));
	note("syntax", await errorOf(sql`SELEC`.execute(db)));
	note("no column", await errorOf(db.selectFrom("person").select("none")
		.execute()));
	note("no result", await errorOf(db.selectFrom("person").selectAll()
		.where("id", "=", 99).executeTakeFirstOrThrow()));
});

await chapter("transactions", async (note) => {
	const names = () => db.selectFrom("person").select("name").orderBy("id")
		.execute();

	note("committed", await db.transaction().execute(async (tx) => {
		const { id } = await tx.insertInto("person").values({ name: "Dan" })
			.returning("id").executeTakeFirstOrThrow();

		await tx.insertInto("pet").values({ owner: id, name: "Tom" }).execute();
		return tx.selectFrom("pet").selectAll().orderBy("id").execute();
	}));
	note("names", await names());
	note("failed", await errorOf(db.transaction().execute(async (tx) => {
		await tx.deleteFrom("person").execute();
		await tx.insertInto("pet").values({ owner: 77 }).execute();
	})));
	note("thrown", await errorOf(db.transaction().execute(async (tx) => {
		await tx.deleteFrom("person").execute();
		throw new Error("changed its mind");
	})));
	note("names", await names());
	note("cascade", [await db.deleteFrom("person").where("name", "=", "Dan")
		.execute(), await db.selectFrom("pet").selectAll().execute()]);
	await Promise.all([1, 2, 3, 4, 5, 6].map(() => db.transaction().execute(
		async (tx) => {
			const { age } = await tx.selectFrom("person").select("age")
				.where("id", "=", 1).executeTakeFirstOrThrow();

			await tx.updateTable("person").set({ age: age + 1 })
				.where("id", "=", 1).execute();
		})));
	note("added", await db.selectFrom("person").select("age").where("id", "=", 1)
		.execute());
});

await db.destroy();
await wide.destroy();
