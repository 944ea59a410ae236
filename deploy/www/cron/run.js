// run: a dialog with the output of a run, live if it has not ended.

import { stream } from "../api.js";
import { openDialog } from "../dialog.js";
import { make } from "../dom.js";
import { errorBox } from "../errorbox.js";
import { readEvents } from "../events.js";
import { instant } from "../format.js";
import { ask, withLogin } from "../shell.js";
import { facts, hasEnded, quoted, statuses } from "./job.js";

const pause = 1000; // before a stream that ended early is opened again

const pathOf = ({ id }) => `/api/cron/runs/${id}`;

function sentence(run) {
	const more = facts(run);

	return `${statuses[run.status]}${more ? `, ${more}` : ""}.`;
}

function row(name, value) {
	return make("div", {}, make("dt", {}, name), make("dd", {}, value));
}

function timesOf({ due_at: due, started_at: started, finished_at: finished }) {
	return make("dl", { class: "facts-list" },
		...[["Due", due], ["Started", started], ["Ended", finished]]
			.filter(([, time]) => time)
			.map(([name, time]) => row(name, instant(time))));
}

// What is missing of the output of a run that has ended.
function noteOf({ output, output_cut: isCut }) {
	if (isCut)
		return output ? "The output was longer. Only its beginning is kept."
			: "The output was deleted to save space.";
	return output ? "" : "The run has no output.";
}

// Reads the events of a run until it has ended. Returns whether it has.
async function follow(run, { onRun, onOutput, signal }) {
	const response = await withLogin(() =>
		stream("GET", `${pathOf(run)}/stream`, { signal }));

	for await (const { event, data } of readEvents(response)) {
		const value = JSON.parse(data);

		if (event === "output")
			onOutput(value);
		else if (event === "status" || event === "done")
			onRun(value);
		if (event === "done")
			return true;
	}
	return false;
}

// onEnd is called after the dialog was closed, if the run may have ended meanwhile.
export function openRun(first, onEnd = () => {}) {
	const controller = new AbortController();
	const { signal } = controller;
	const trouble = errorBox("run-trouble");
	const status = make("p", { id: "run-status", role: "status" });
	const error = make("p", { class: "problem", id: "run-error", hidden: true });
	const earlier = make("ul", { class: "soft", id: "run-failures", hidden: true });
	const times = make("div");
	const output = make("pre", { id: "run-output", tabindex: 0, role: "region",
		"aria-label": "Output" });
	const note = make("p", { class: "soft", id: "run-note" });
	const dialog = openDialog(`Run of ${quoted({ name: first.job_name })}`, status,
		error, earlier, times, output, note, trouble.element,
		make("p", { class: "answers" }, make("button", { type: "button",
			class: "quiet", id: "run-close", autofocus: true,
			onclick: () => dialog.close() }, "Close")));

	function show(run) {
		status.textContent = sentence(run);
		status.className = `outcome ${run.status}`;
		error.textContent = run.error ?? "";
		error.hidden = !run.error;
		times.replaceChildren(timesOf(run));
		output.hidden = !output.textContent;
		note.textContent = output.hidden && !hasEnded(run) ? "No output yet." : "";
	}

	// The attempts before the last one.
	function showFailures(failures) {
		earlier.replaceChildren(...failures.map(({ attempt, error: why }) =>
			make("li", {}, `Attempt ${attempt}: ${why}`)));
		earlier.hidden = !failures.length;
	}

	function showEnd(run) {
		showFailures(run.failures);
		output.textContent = run.output ?? "";
		show(run);
		note.textContent = noteOf(run);
	}

	// Each attempt, and a stream that is opened again, begins at 0.
	function append({ text, at }) {
		if (at === 0)
			output.textContent = "";
		output.append(text);
		output.hidden = false;
		note.textContent = "";
		output.scrollTop = output.scrollHeight;
	}

	async function watch(run) {
		while (!await follow(run, { signal, onRun: show, onOutput: append }))
			await new Promise((resolve) => { setTimeout(resolve, pause); });
	}

	async function load() {
		try {
			if (!hasEnded(first))
				await watch(first);
			showEnd(await ask("GET", pathOf(first), { signal }));
		} catch (failure) {
			if (!signal.aborted)
				trouble.show(failure);
		}
	}

	dialog.element.addEventListener("close", () => {
		controller.abort();
		if (!hasEnded(first))
			onEnd();
	});
	show(first);
	load();
}
