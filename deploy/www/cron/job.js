// job: a cron job and its runs in words.

import { secondsUntil } from "../clock.js";
import { make } from "../dom.js";
import { counted, moment, relative } from "../format.js";

// --- Jobs ---------------------------------------------------------------------

export function quoted({ name }) {
	return `“${name}”`;
}

// The first word of the command: http, sql, kv or heartbeat.
export function kindOf(command) {
	return /^\s*(\S*)/.exec(command)[1].toLowerCase();
}

// The path of a job in the API. The user's own SQL may choose any text as its id.
export function pathOf({ id }) {
	return `/api/cron/jobs/${encodeURIComponent(id)}`;
}

export function isHeartbeat({ command }) {
	return kindOf(command) === "heartbeat";
}

function isRunning({ last_run: last }) {
	return ["queued", "running"].includes(last?.status);
}

// invalid (the user's own SQL broke it), paused, running or active.
function stateOf(job) {
	if (job.problem)
		return "invalid";
	if (!job.enabled)
		return "paused";
	return isRunning(job) ? "running" : "active";
}

export function stateView(job) {
	const state = stateOf(job);

	return make("span", { class: `state ${state}` },
		state[0].toUpperCase() + state.slice(1));
}

function timeWords(time, isNext) {
	return isNext && secondsUntil(time) <= 0 ? "due now" : relative(time);
}

// A time in relation to now, which refreshTimes() keeps right. isNext: of a run that is
// still to come.
export function timeView(time, isNext = false) {
	return make("time", { datetime: time, title: moment(time), "data-next": isNext },
		timeWords(time, isNext));
}

export function refreshTimes(element) {
	for (const one of element.querySelectorAll("time[datetime]"))
		one.textContent = timeWords(one.dateTime, "next" in one.dataset);
}

// "in 3 hours, at 02:30 every day, Europe/Rome".
export function nextView({ next_at: next, summary, schedule, timezone }) {
	return make("p", { class: "next" },
		next ? make("b", {}, timeView(next, true)) : null, next ? ", " : null,
		summary ?? make("code", {}, schedule), `, ${timezone}`);
}

// --- Runs ---------------------------------------------------------------------

export const statuses = {
	ok: "Succeeded",
	failed: "Failed",
	missed: "Missed",
	skipped: "Skipped",
	out_of_credits: "Out of credits",
	running: "Running",
	queued: "Queued",
};

const triggers = {
	schedule: null,
	manual: "run by hand",
	catch_up: "catching up",
	heartbeat: "heartbeat",
};

export function statusView({ status }) {
	return make("span", { class: `state ${status}` }, statuses[status]);
}

export function hasEnded({ status }) {
	return !["queued", "running"].includes(status);
}

// "340 ms", "1.2 s", "2 min 5 s".
export function lasting(ms) {
	if (ms < 1000)
		return `${Math.round(ms)} ms`;
	const seconds = Math.round(ms / 1000);

	return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s`
		: `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

// Heartbeats and missed runs took no time.
function hasDuration({ status, trigger, duration_ms: duration }) {
	return duration !== null && hasEnded({ status }) && status !== "missed"
		&& trigger !== "heartbeat";
}

// What else there is to know: "1.2 s, attempt 2 of 3, run by hand".
export function facts(run) {
	const { trigger, duration_ms: duration, attempt, attempts, missed } = run;

	return [
		hasDuration(run) ? lasting(duration) : null,
		attempt > 1 ? `attempt ${attempt} of ${attempts}` : null,
		missed > 1 ? counted(missed, "time") : null,
		triggers[trigger],
	].filter(Boolean).join(", ");
}

// The last outcome of a job.
export function lastView(job) {
	const run = job.last_run;

	if (!run)
		return make("p", { class: "last soft" }, isHeartbeat(job)
			? "No heartbeat yet" : "No runs yet");
	const more = facts(run);

	return make("p", { class: "last" },
		make("b", { class: run.status }, statuses[run.status]), " ",
		timeView(run.finished_at ?? run.started_at ?? run.due_at),
		make("span", { class: "soft" }, more ? `, ${more}` : "",
			run.error ? `. ${run.error}` : ""));
}

// --- The strip ----------------------------------------------------------------

const stripLength = 30;
const order = Object.keys(statuses);

// "27 succeeded, 2 failed, 1 missed".
function counts(runs) {
	return order.map((status) => [status, runs.filter((run) =>
		run.status === status).length]).filter(([, n]) => n)
		.map(([status, n]) => `${n} ${statuses[status].toLowerCase()}`)
		.join(", ");
}

function mark({ status, due_at: due }) {
	return make("span", { class: `stick ${status}`,
		title: `${statuses[status]}, ${moment(due)}` });
}

// The last runs as marks, oldest first. They differ in shape, not only in colour.
export function strip({ recent }) {
	const runs = recent.slice(0, stripLength).reverse();
	const blanks = Array.from({ length: stripLength - runs.length }, () =>
		make("span", { class: "stick" }));
	const newest = runs.at(-1);

	return make("div", { class: "strip", role: "img",
		"aria-label": newest ? `Last ${counted(runs.length, "run")}: ${
			counts(runs)}. Newest: ${statuses[newest.status].toLowerCase()}.`
			: "No runs yet." },
	...blanks, ...runs.map(mark));
}

// What the marks of these jobs mean; null if there are none.
export function legend(jobs) {
	const seen = new Set(jobs.flatMap(({ recent }) =>
		recent.map(({ status }) => status)));
	const shown = order.filter((status) => seen.has(status));

	return shown.length ? make("ul", { class: "marks", "aria-label": "Marks of runs" },
		...shown.map((status) => make("li", {},
			make("span", { class: `stick ${status}` }), statuses[status])))
		: null;
}
