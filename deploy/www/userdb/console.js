// console: runs statements and shows their results or plans. In live mode it asks before
// a statement writes.

import { mode } from "../api.js";
import { confirm } from "../dialog.js";
import { find, make } from "../dom.js";
import { count, counted } from "../format.js";
import { errorBox } from "../errorbox.js";
import { execute, pipeline, SqlError } from "./hrana.js";
import { seemsToRead, split } from "./sql.js";
import { grid } from "./values.js";

const mostRows = 500; // shown of a result
const example = "SELECT name, type FROM sqlite_schema ORDER BY name;";

// --- Running ------------------------------------------------------------------

// The statements that write, as the server says. One that cannot be described, perhaps
// because an earlier one makes its table, is judged by its first word.
async function writesOf(database, statements) {
	const about = await pipeline(database,
		statements.map((sql) => ({ type: "describe", sql })));

	return statements.filter((sql, n) => about[n] instanceof SqlError
		? !seemsToRead(sql) : !about[n].is_readonly);
}

function mayWrite(writes) {
	return confirm({
		title: "Change live data?",
		text: [writes.length === 1 ? "This statement changes your live database:"
			: `${counted(writes.length, "statement")} change your live database:`,
		make("pre", { class: "writes", tabindex: 0 }, writes.join(";\n\n"))],
		action: writes.length === 1 ? "Run statement" : "Run statements",
		danger: true,
	});
}

// Runs statements one after another until one fails. Returns their results; the last
// may be an SqlError. What SQLite cannot parse fails before anything runs.
async function run(database, statements) {
	const steps = statements.map((sql, n) => ({
		stmt: { sql },
		...n ? { condition: { type: "ok", step: n - 1 } } : {},
	}));
	const [batch] = await pipeline(database, [{ type: "batch", batch: { steps } }]);

	if (batch instanceof SqlError)
		throw batch;
	const results = statements.map((_, n) => batch.step_results[n]
		?? (batch.step_errors[n] && new SqlError(batch.step_errors[n])));
	return results.filter(Boolean);
}

// --- Results ------------------------------------------------------------------

function milliseconds(n) {
	return `${n < 10 ? n.toFixed(1) : count(Math.round(n))} ms`;
}

function facts({ rows, cols, affected_row_count: affected, query_duration_ms: time,
	rows_read: read }) {
	return [
		cols.length ? counted(rows.length, "row") : `${counted(affected, "row")} changed`,
		rows.length > mostRows ? `the first ${count(mostRows)} are shown` : null,
		read === undefined ? null : `${counted(read, "row")} read`,
		time === undefined ? null : milliseconds(time),
	].filter(Boolean).join(", ");
}

function heading(sql, n) {
	return make("p", { class: "statement" }, make("b", {}, `${n + 1}. `),
		make("code", {}, sql));
}

function resultView(sql, result, n) {
	if (result instanceof SqlError)
		return make("div", { class: "result" }, heading(sql, n), errorView(result));
	return make("div", { class: "result" }, heading(sql, n),
		result.cols.length ? grid(result.cols.map(({ name, decltype }) =>
			({ name, type: decltype })), result.rows.slice(0, mostRows),
		`Result of statement ${n + 1}`) : null,
		make("p", { class: "soft" }, facts(result)));
}

function errorView({ message, code }) {
	return make("p", { class: "problem" }, make("code", {}, code), ` ${message}`);
}

// The steps of a plan as a tree: each row has its id and the id of its parent.
function planTree(rows, parent = "0") {
	const steps = rows.filter((row) => row[1].value === parent);

	return steps.length ? make("ul", { class: "plan" }, ...steps.map((row) =>
		make("li", {}, row[3].value, planTree(rows, row[0].value)))) : "";
}

function planView(sql, result, n) {
	return make("div", { class: "result" }, heading(sql, n),
		result instanceof SqlError ? errorView(result)
			: planTree(result.rows) || make("p", { class: "soft" },
				"This statement needs no plan."));
}

// --- The panel ----------------------------------------------------------------

// onWrite is called after statements that may have changed the database.
export function consolePanel(database, onWrite) {
	const trouble = errorBox("console-trouble");
	const status = make("p", { id: "console-status", role: "status", class: "soft" });
	const results = make("div", { id: "results", class: "view" });
	const editor = make("textarea", { id: "sql", rows: 6, spellcheck: "false",
		autocapitalize: "off", autocomplete: "off", placeholder: example,
		"aria-keyshortcuts": "Control+Enter", onkeydown: (event) => {
			if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
				event.preventDefault();
				start(runAll);
			}
		} });
	let isBusy = false;

	function busy(whether) {
		isBusy = whether;
		find("run").disabled = find("plan").disabled = whether;
		results.setAttribute("aria-busy", String(whether));
	}

	async function runAll(statements) {
		const writes = await writesOf(database, statements);

		if (writes.length && mode() === "live" && !await mayWrite(writes))
			return "Not run.";
		try {
			const all = await run(database, statements);
			const failed = all.some((one) => one instanceof SqlError);

			results.replaceChildren(...all.map((one, n) =>
				resultView(statements[n], one, n)));
			return failed ? `Statement ${all.length} failed. The statements`
				+ " after it were not run." : `${counted(all.length,
				"statement")} run.`;
		} finally {
			if (writes.length)
				onWrite();
		}
	}

	async function plan(statements) {
		const all = await pipeline(database, statements.map((sql) =>
			execute(`EXPLAIN QUERY PLAN ${sql}`)));

		results.replaceChildren(...all.map((one, n) =>
			planView(statements[n], one, n)));
		return `${counted(all.length, "plan")}. Nothing was run.`;
	}

	function explain(error) {
		results.replaceChildren();
		if (error instanceof SqlError)
			results.append(errorView(error));
		else
			trouble.show(error);
		return error instanceof SqlError ? "Nothing was run." : "";
	}

	async function start(act) {
		const statements = split(editor.value);

		if (isBusy)
			return;
		if (!statements.length) {
			status.textContent = "Enter a statement.";
			editor.focus();
			return;
		}
		trouble.clear();
		status.textContent = "Running…";
		busy(true);
		status.textContent = await act(statements).catch(explain);
		busy(false);
	}

	return make("section", { class: "panel", id: "console",
		"aria-labelledby": "console-title" },
	make("h2", { id: "console-title" }, "Console"),
	make("label", { for: "sql" }, "SQL statements"), editor,
	make("p", { class: "tools" },
		make("button", { type: "button", id: "run",
			onclick: () => start(runAll) }, "Run"),
		make("button", { type: "button", id: "plan", class: "quiet",
			onclick: () => start(plan) }, "Explain plan"), status),
	trouble.element, results);
}
