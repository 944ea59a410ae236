// detail: one job: its schedule and rules, how to send a heartbeat, and its history.

import { copyButton } from "../copy.js";
import { curl, escaped } from "../curl.js";
import { make } from "../dom.js";
import { errorBox } from "../errorbox.js";
import { moment } from "../format.js";
import { actionsOf } from "./actions.js";
import { historyPanel } from "./history.js";
import { isHeartbeat, lastView, legend, nextView, stateView, strip } from "./job.js";
import { readPreview } from "./preview.js";
import { timesTable } from "./zones.js";

const overlaps = { skip: "skip the run", queue: "wait", parallel: "run in parallel" };
const catchUps = { none: "do not catch up", one: "run once", all: "run for each" };

function fact(name, value) {
	return make("div", {}, make("dt", {}, name), make("dd", {}, value));
}

function rules(job) {
	return isHeartbeat(job) ? [] : [
		fact("While the last run is running", overlaps[job.overlap] ?? job.overlap),
		fact("Retries", job.retries ? String(job.retries) : "none"),
		fact("After a downtime", catchUps[job.catch_up] ?? job.catch_up),
	];
}

function commandFigure(title, text, label) {
	return make("figure", { class: "command" },
		make("figcaption", {}, make("span", {}, title), copyButton(text, label)),
		make("pre", { tabindex: 0 }, make("code", {}, text)));
}

// The next times, which arrive later. A schedule that is not valid has none.
function nextTimes({ schedule, timezone, summary }) {
	const element = make("div", { class: "wide" });

	if (summary)
		readPreview(schedule, timezone).then(({ times, timezone: zone }) => {
			element.replaceChildren(timesTable(times, zone, "Next times"));
		}, () => {});
	return element;
}

function jobPanel(job, done) {
	const trouble = errorBox();

	return make("section", { class: "panel", id: "job", "aria-labelledby": "job-title" },
		make("div", { class: "beside" },
			make("div", { class: "job-name" },
				make("h2", { id: "job-title", tabindex: -1 }, job.name),
				stateView(job)),
			actionsOf(job, trouble, done)),
		trouble.element,
		job.problem ? make("p", { class: "problem" }, job.problem) : null,
		nextView(job), strip(job), lastView(job), legend([job]),
		commandFigure("Command", job.command, "Copy command"),
		make("div", { class: "halves" },
			make("dl", { class: "facts-list" },
				fact("Schedule", make("code", {}, job.schedule)),
				fact("Time zone", job.timezone), ...rules(job),
				job.created_at ? fact("Created", moment(job.created_at)) : null),
			nextTimes(job)));
}

function heartbeatPanel({ name }) {
	const command = curl({ method: "POST", site: location.origin,
		path: `/api/cron/heartbeats/${escaped(name)}`, headers: [], secret: "IO7_KEY" });

	return make("section", { class: "panel", id: "heartbeat",
		"aria-labelledby": "heartbeat-title" },
	make("h2", { id: "heartbeat-title" }, "Send a heartbeat"),
	make("p", { class: "soft" }, "Run this at the end of the program that the job watches."
		+ " IO7_KEY is an API key that can write."),
	commandFigure("Shell", command, "Copy command"));
}

// Returns the elements to place, and a function that loads the history.
export function detailOf(job, done) {
	const history = historyPanel(job, () => done(""));
	const back = make("p", {}, make("a", { href: "#", id: "back", class: "way" },
		"All jobs"));

	return { load: history.load, elements: [back, jobPanel(job, done),
		isHeartbeat(job) ? heartbeatPanel(job) : null, history.element] };
}
