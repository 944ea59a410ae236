// page: the database of the chosen mode: connection, tables, console, export and
// import. The fragment of the URL names the table that is shown: #table=NAME.

import { mode } from "../api.js";
import { find, make } from "../dom.js";
import { bytes, counted } from "../format.js";
import { ask, open, requireLogin, showError } from "../shell.js";
import { connectionPanel } from "./connection.js";
import { consolePanel } from "./console.js";
import { openExport, openImport } from "./files.js";
import { readTables } from "./schema.js";
import { tablesPanel } from "./tables.js";

let round = 0;
let database = null; // the API's answer
let panel = null; // of the tables

function tableInFragment() {
	return new URLSearchParams(location.hash.slice(1).replaceAll("+", "%2B"))
		.get("table");
}

function showInFragment(name) {
	history.replaceState(null, "", name === null ? location.pathname
		: `#table=${encodeURIComponent(name)}`);
}

// "3 tables in 81.9 kB of 100 MB".
function summary(tables) {
	const { size, size_max: most } = database;

	return `${counted(tables.length, "table")} for ${mode()} data, ${bytes(size)}`
		+ ` of ${bytes(most)}.`;
}

// Reads size and tables again, after statements or an import that may have changed
// them.
async function refresh() {
	const mine = round;

	try {
		const [about, tables] = await Promise.all([
			ask("GET", "/api/database"), readTables(database)]);

		if (mine !== round)
			return;
		Object.assign(database, about);
		find("summary").textContent = summary(tables);
		panel.update(tables);
	} catch (error) {
		if (mine === round)
			find("message").textContent = error.message;
	}
}

function draw(tables) {
	panel = tablesPanel(database, tables, tableInFragment(), showInFragment);
	find("summary").textContent = summary(tables);
	find("tools").hidden = false;
	find("content").replaceChildren(connectionPanel(database), panel.element,
		consolePanel(database, refresh));
	find("content").setAttribute("aria-busy", "false");
}

// A load that was replaced by a newer one shows nothing.
async function load() {
	const mine = ++round;

	find("content").setAttribute("aria-busy", "true");
	try {
		const about = await ask("GET", "/api/database");
		const tables = await readTables(about);

		if (mine !== round)
			return;
		database = about;
		draw(tables);
	} catch (error) {
		if (mine !== round)
			return;
		find("content").setAttribute("aria-busy", "false");
		showError(error, load);
	}
}

find("export").addEventListener("click", () => openExport(database));
find("import").addEventListener("click", () => openImport(database, () => {
	find("message").textContent = "The database was replaced.";
	load();
}));
addEventListener("hashchange", () => panel?.show(tableInFragment()));
// After a change of the mode the old data disappear at once.
open(() => {
	find("message").textContent = find("summary").textContent = "";
	find("tools").hidden = true;
	find("content").replaceChildren(make("p", { class: "soft" }, "Loading…"));
	showInFragment(null);
	load();
});
requireLogin();
load();
