// schema: the tables and views of the database, as SQLite describes them.

import { execute, pipeline, SqlError } from "./hrana.js";

// Names that begin with sqlite_ are SQLite's own.
const tablesSql = `SELECT t.name, t.type, t.wr, s.sql FROM pragma_table_list AS t
	LEFT JOIN sqlite_schema AS s ON s.name = t.name AND s.type IN ('table', 'view')
	WHERE t.schema = 'main' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
	AND t.type <> 'shadow' ORDER BY t.name`;
const columnsSql = `SELECT s.name, c.name, c.type, c.pk, c."notnull"
	FROM pragma_table_list AS s JOIN pragma_table_xinfo(s.name) AS c
	WHERE s.schema = 'main' AND s.type <> 'shadow' AND c.hidden <> 1
	ORDER BY s.name, c.cid`;
const othersSql = `SELECT tbl_name, sql FROM sqlite_schema
	WHERE type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY name`;

function rowsOf(result) {
	if (result instanceof SqlError)
		throw result;
	return result.rows.map((row) => row.map(({ value = null }) => value));
}

// A name by which the rowid can be read: a column of that name would hide it. Virtual
// tables and views have none that could be sought.
function rowidOf({ type, hasRowid, columns }) {
	const names = columns.map(({ name }) => name.toLowerCase());

	return type === "table" && hasRowid
		? ["rowid", "_rowid_", "oid"].find((name) => !names.includes(name))
			?? null
		: null;
}

// Returns, for each table and view: name, type, sql, columns, more (indexes and
// triggers as SQL), and rowid, a name for it or null.
export async function readTables(database) {
	const [tables, columns, others] = (await pipeline(database,
		[tablesSql, columnsSql, othersSql].map((sql) => execute(sql))))
		.map(rowsOf);

	return tables.map(([name, type, wr, sql]) => {
		const table = { name, type, sql: sql ?? "", hasRowid: wr === "0",
			columns: columns.filter(([of]) => of === name)
				.map(([, column, decltype, pk, notNull]) => ({
					name: column, type: decltype ?? "",
					isKey: pk !== "0", isRequired: notNull === "1",
				})),
			more: others.filter(([of]) => of === name).map(([, text]) => text) };

		return { ...table, rowid: rowidOf(table) };
	});
}
