// page: the cron jobs of the chosen mode, or one of them. The fragment of the URL names
// the job that is shown: #job=ID.

import { mode } from "../api.js";
import { secondsUntil } from "../clock.js";
import { find, make } from "../dom.js";
import { counted } from "../format.js";
import { redraw } from "../redraw.js";
import { ask, open, requireLogin, showError } from "../shell.js";
import { detailOf } from "./detail.js";
import { createJob } from "./editor.js";
import { emptyPanel } from "./empty.js";
import { pathOf, refreshTimes } from "./job.js";
import { listPanel } from "./list.js";
import { openSecret } from "./secret.js";

const pageSize = 50;
const tick = 15_000;

let jobs = []; // the pages loaded so far
let cursor = null; // of the next page
let round = 0;

function jobInFragment({ hash } = location) {
	return new URLSearchParams(hash.slice(1).replaceAll("+", "%2B")).get("job");
}

// --- Requests -----------------------------------------------------------------

// Reads a page after a cursor; without one, as many jobs as are shown.
async function readJobs(after) {
	const most = after ? 0 : jobs.length;
	const all = [];
	let next = after;

	do {
		const query = new URLSearchParams({ limit: pageSize });

		if (next)
			query.set("cursor", next);
		const page = await ask("GET", `/api/cron/jobs?${query}`);

		all.push(...page.items);
		next = page.next_cursor;
	} while (next && all.length < most);
	return { items: all, next };
}

// --- Views --------------------------------------------------------------------

function summary() {
	const count = (test) => jobs.filter(test).length;
	const paused = count(({ enabled, problem }) => !enabled && !problem);
	const invalid = count(({ problem }) => problem);

	return [`${counted(jobs.length, "job")}${cursor ? " shown" : ""} for ${mode()} data`,
		paused ? `${paused} paused` : null, invalid ? `${invalid} invalid` : null]
		.filter(Boolean).join(", ") + ".";
}

function drawList() {
	find("summary").textContent = summary();
	redraw(jobs.length ? listPanel(jobs, { done, more: cursor ? showMore : null })
		: emptyPanel((example) => createJob(done, example)));
}

function drawJob(job) {
	const { elements, load: loadHistory } = detailOf(job, done);

	redraw(...elements);
	loadHistory();
}

function drawLost() {
	redraw(make("div", { class: "trouble", id: "lost" },
		make("p", { role: "alert" }, `There is no such ${mode()} job. It may have been`
			+ " deleted."),
		make("a", { href: "#", class: "button" }, "Show all jobs")));
}

// --- Loading ------------------------------------------------------------------

// Reads, and draws the result unless a newer call has started.
async function refresh(read, draw) {
	const mine = ++round;

	find("content").setAttribute("aria-busy", "true");
	try {
		const answer = await read();

		if (mine !== round)
			return;
		find("tools").hidden = false;
		draw(answer);
	} catch (error) {
		if (mine !== round)
			return;
		find("content").setAttribute("aria-busy", "false");
		if (error.status === 404)
			drawLost();
		else
			showError(error, load);
	}
}

function load() {
	const id = jobInFragment();

	find("summary").hidden = id !== null;
	if (id !== null)
		return refresh(() => ask("GET", pathOf({ id })), drawJob);
	return refresh(() => readJobs(null), ({ items, next }) => {
		jobs = items;
		cursor = next;
		drawList();
	});
}

function showMore() {
	return refresh(() => readJobs(cursor), ({ items, next }) => {
		const first = items[0];

		jobs.push(...items);
		cursor = next;
		drawList();
		find(`open-${first?.id}`)?.focus();
	});
}

function showList() {
	history.replaceState(null, "", location.pathname);
}

async function done(sentence, { isGone = false } = {}) {
	if (isGone)
		showList();
	await load();
	find("message").textContent = sentence;
}

// --- Time ---------------------------------------------------------------------

// Whether a run that is shown is due, so that there is news. A job whose run stays away
// is asked about once.
let asked = null;

function isDue() {
	const due = jobs.filter(({ next_at: next }) => next && secondsUntil(next) < -1)
		.map(({ id, next_at: next }) => `${id} ${next}`).join();
	const isNew = due !== "" && due !== asked;

	asked = due;
	return isNew;
}

// Keeps the times right, and reads the list again when a job has been due. Nothing is
// read while the page is hidden or a dialog is open.
function onTick() {
	if (document.hidden)
		return;
	refreshTimes(find("content"));
	if (jobInFragment() === null && !document.querySelector("dialog") && isDue())
		load();
}

// --- Events -------------------------------------------------------------------

// Moves to a job or back to the list, whose focus is then on that job. Other fragments,
// such as that of the skip link, do not matter.
async function move({ oldURL }) {
	const before = jobInFragment(new URL(oldURL));

	if (jobInFragment() === before)
		return;
	find("message").textContent = "";
	if (!location.hash)
		showList(); // without the mark of an empty fragment
	await load();
	(find("job-title") ?? find(`open-${before}`) ?? find("title")).focus();
}

find("create").addEventListener("click", () => createJob(done));
find("secret").addEventListener("click", openSecret);
addEventListener("hashchange", move);
setInterval(onTick, tick);
// After a change of the mode the old jobs disappear at once.
open(() => {
	find("message").textContent = find("summary").textContent = "";
	find("tools").hidden = true;
	find("content").replaceChildren(make("p", { class: "soft" }, "Loading…"));
	showList();
	jobs = [];
	load();
});
requireLogin();
load();
