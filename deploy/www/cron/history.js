// history: the runs of a job, filtered by their status and page by page.

import { find, make } from "../dom.js";
import { moment } from "../format.js";
import { errorBox } from "../errorbox.js";
import { ask } from "../shell.js";
import { facts, pathOf, quoted, statuses, statusView, timeView } from "./job.js";
import { openRun } from "./run.js";

const pageSize = 25;

function readRuns(job, status, cursor) {
	const query = new URLSearchParams({ limit: pageSize });

	if (status)
		query.set("status", status);
	if (cursor)
		query.set("cursor", cursor);
	return ask("GET", `${pathOf(job)}/runs?${query}`);
}

// A run that never started has no output, and a heartbeat runs elsewhere.
function hasOutput({ started_at: started, trigger }) {
	return started !== null && trigger !== "heartbeat";
}

function runRow(run, onEnd) {
	return make("li", { class: "run-row" },
		statusView(run),
		timeView(run.due_at),
		make("span", { class: "soft" }, moment(run.due_at)),
		make("span", { class: "soft" },
			[facts(run), run.error].filter(Boolean).join(". ")),
		hasOutput(run) ? make("button", { type: "button", class: "quiet small",
			id: `output-${run.id}`,
			"aria-label": `Output of the run of ${moment(run.due_at)}`,
			onclick: () => openRun(run, onEnd) }, "Output") : null);
}

// Returns the element to place. onChange is called when a run was watched that may have
// ended meanwhile. first: the first page, or null.
export function historyPanel(job, onChange) {
	const trouble = errorBox("history-trouble");
	const list = make("ul", { class: "runs" });
	const empty = make("p", { class: "soft", id: "no-runs", hidden: true });
	const more = make("button", { type: "button", class: "second", id: "older",
		hidden: true, onclick: () => load(cursor) }, "Show older runs");
	const select = make("select", { id: "status", onchange: () => load() },
		make("option", { value: "" }, "All runs"),
		...Object.entries(statuses).map(([value, words]) =>
			make("option", { value }, words)));
	let cursor = null, round = 0;

	function show(items, isMore) {
		const rows = items.map((run) => runRow(run, onChange));

		if (isMore)
			list.append(...rows);
		else
			list.replaceChildren(...rows);
		list.hidden = !list.children.length;
		empty.hidden = !list.hidden;
		empty.textContent = select.value ? `No run of ${quoted(job)} has this status.`
			: `${quoted(job)} has not run yet.`;
		more.hidden = !cursor;
		if (isMore)
			rows[0]?.querySelector("button")?.focus();
	}

	async function load(after = null) {
		const mine = ++round;

		trouble.clear();
		list.setAttribute("aria-busy", "true");
		try {
			const page = await readRuns(job, select.value, after);

			if (mine !== round)
				return;
			cursor = page.next_cursor;
			show(page.items, after !== null);
		} catch (error) {
			if (mine === round)
				trouble.show(error);
		}
		list.setAttribute("aria-busy", "false");
	}

	const element = make("section", { class: "panel", id: "history",
		"aria-labelledby": "history-title" },
	make("div", { class: "beside" }, make("h2", { id: "history-title" }, "History"),
		make("div", { class: "choose" },
			make("label", { for: "status" }, "Status"), select)),
	list, empty, trouble.element, more);

	return { element, load };
}
