// tables: the list of tables and views with their columns, or one of them: its schema,
// and its rows page by page.

import { copyButton } from "../copy.js";
import { find, make } from "../dom.js";
import { count } from "../format.js";
import { errorBox } from "../errorbox.js";
import { execute, pipeline, quoted, SqlError } from "./hrana.js";
import { grid } from "./values.js";

const pageSize = 50;

// --- Rows ---------------------------------------------------------------------

// A page is sought by the rowid of the last row before it, or else by their number:
// seeking costs the same on each page. at: { after, skip }.
function pageQuery({ name, rowid }, { after, skip }) {
	const from = quoted(name);

	if (!rowid)
		return execute(`SELECT * FROM ${from} LIMIT ${pageSize + 1} OFFSET ${skip}`);
	return after === null
		? execute(`SELECT ${rowid}, * FROM ${from} ORDER BY ${rowid}`
			+ ` LIMIT ${pageSize + 1}`)
		: execute(`SELECT ${rowid}, * FROM ${from} WHERE ${rowid} > ?`
			+ ` ORDER BY ${rowid} LIMIT ${pageSize + 1}`,
		[{ type: "integer", value: after }]);
}

// Returns the rows, the place of the next page or null, and the number of all rows if
// it could be counted.
async function readPage(database, table, at) {
	const [result, number] = await pipeline(database, [pageQuery(table, at),
		execute(`SELECT count(*) FROM ${quoted(table.name)}`)]);

	if (result instanceof SqlError)
		throw result;
	const rows = result.rows.slice(0, pageSize);
	const hasMore = result.rows.length > pageSize;
	const start = table.rowid ? 1 : 0;

	return {
		columns: result.cols.slice(start).map(({ name, decltype }) =>
			({ name, type: decltype })),
		rows: rows.map((row) => row.slice(start)),
		next: hasMore ? { skip: at.skip + pageSize,
			after: table.rowid ? rows.at(-1)[0].value : null } : null,
		total: number instanceof SqlError ? null : Number(number.rows[0][0].value),
	};
}

function range(at, { rows, total }) {
	if (!rows.length)
		return at.skip ? "No more rows" : "No rows";
	const of = total === null ? "" : ` of ${count(total)}`;

	return `Rows ${count(at.skip + 1)} to ${count(at.skip + rows.length)}${of}`;
}

// --- Schema -------------------------------------------------------------------

function schemaOf({ sql, more }) {
	const text = [sql, ...more].filter(Boolean).map((one) => `${one};`).join("\n\n");

	return make("details", { class: "schema" }, make("summary", {}, "Schema"),
		make("figure", { class: "command" },
			make("figcaption", {}, make("span", {}, "SQL"),
				copyButton(text, "Copy schema")),
			make("pre", { tabindex: 0 }, text)));
}

function option({ name, type }) {
	return make("option", { value: name },
		type === "table" ? name : `${name} (${type})`);
}

// A button for each table, with its columns.
function overview(tables, onOpen) {
	return make("ul", { class: "rows", id: "overview" }, ...tables.map(
		({ name, type, columns }) => make("li", {}, make("button", {
			type: "button", class: "word", onclick: () => onOpen(name),
		}, name), make("span", { class: "soft" },
		`${type === "table" ? "" : `${type}: `}${columns.map((one) =>
			[one.name, one.type].filter(Boolean).join(" ")).join(", ")}`))));
}

const emptyText = "The database has no tables. Create one in the console below, or with"
	+ " any libSQL client.";

// --- The panel ----------------------------------------------------------------

// element is to be placed by the caller. update(tables) replaces the list; show(name)
// shows a table, or the list if there is none of that name. onShow gets the name of the
// shown table, or null.
export function tablesPanel(database, tables, first, onShow) {
	const trouble = errorBox("table-trouble");
	const status = make("p", { id: "range", role: "status", class: "soft" });
	const select = make("select", { id: "table",
		onchange: () => open(select.value || null) });
	const choose = make("div", { class: "choose" },
		make("label", { for: "table" }, "Table"), select, status);
	const view = make("div", { id: "rows", class: "view" });
	const element = make("section", { class: "panel", id: "tables",
		"aria-labelledby": "tables-title" },
	make("h2", { id: "tables-title" }, "Tables"), choose, trouble.element, view);
	let table = null, round = 0;
	let places = []; // of the pages before and this one

	function button(id, words, change, isPossible) {
		return make("button", { type: "button", id, class: "quiet",
			disabled: !isPossible, onclick: () => turn(change) }, words);
	}

	function pages(next) {
		return make("p", { class: "tools" },
			button("previous", "Previous page", () => places.pop(),
				places.length > 1),
			button("next", "Next page", () => places.push(next), next !== null));
	}

	// Reads the page at the last place. A newer call replaces it.
	async function draw() {
		const mine = ++round;
		const at = places.at(-1);

		view.setAttribute("aria-busy", "true");
		try {
			const page = await readPage(database, table, at);

			if (mine !== round)
				return;
			status.textContent = range(at, page);
			view.replaceChildren(schemaOf(table), page.rows.length ? grid(
				page.columns, page.rows, `Rows of ${table.name}`) : "",
			page.next || places.length > 1 ? pages(page.next) : "");
		} catch (error) {
			if (mine !== round)
				return;
			view.replaceChildren(schemaOf(table));
			trouble.show(error);
		}
		view.setAttribute("aria-busy", "false");
	}

	// Turns the page, and keeps the focus on the button, or moves it to the other.
	async function turn(change) {
		const { id } = document.activeElement;

		change();
		await draw();
		const kept = find(id);
		(kept?.disabled ? find(id === "next" ? "previous" : "next") : kept)?.focus();
	}

	function list() {
		round++;
		view.replaceChildren(tables.length ? overview(tables, (name) => {
			open(name);
			select.focus();
		}) : make("p", { id: "no-tables", class: "soft" }, emptyText));
	}

	// Shows the first page of a table, or the list.
	function show(name) {
		table = tables.find((one) => one.name === name) ?? null;
		select.value = table?.name ?? "";
		status.textContent = "";
		trouble.clear();
		places = [{ after: null, skip: 0 }];
		if (table)
			draw();
		else
			list();
	}

	function open(name) {
		onShow(name);
		show(name);
	}

	// Shows the same page of the same table, if it is still there.
	function update(newTables) {
		const name = table?.name ?? null, before = places;

		tables = newTables;
		choose.hidden = !tables.length;
		select.replaceChildren(make("option", { value: "" }, "All tables"),
			...tables.map(option));
		if (name !== null && tables.some((one) => one.name === name)) {
			table = tables.find((one) => one.name === name);
			select.value = name;
			places = before;
			draw();
		} else {
			show(null);
		}
	}

	update(tables);
	show(first);
	return { element, update, show };
}
