// list: the jobs, each with its next run, its last outcome and its last runs.

import { mode } from "../api.js";
import { make } from "../dom.js";
import { errorBox } from "../errorbox.js";
import { actionsOf } from "./actions.js";
import { lastView, legend, nextView, stateView, strip } from "./job.js";

export function linkTo({ id }) {
	return `#job=${encodeURIComponent(id)}`;
}

function jobRow(job, done) {
	const trouble = errorBox();

	return make("li", { class: "job", id: `job-${job.id}` },
		make("div", { class: "job-name" },
			make("h3", {}, make("a", { href: linkTo(job), id: `open-${job.id}` },
				job.name)),
			stateView(job)),
		make("div", { class: "job-facts" }, nextView(job),
			make("code", { class: "command-line" }, job.command),
			job.problem ? make("p", { class: "problem" }, job.problem) : null),
		make("div", { class: "job-runs" }, strip(job), lastView(job)),
		actionsOf(job, trouble, done), trouble.element);
}

// more: a function that shows further jobs, or null.
export function listPanel(jobs, { done, more }) {
	return make("section", { class: "panel", id: "jobs", "aria-labelledby": "jobs-title" },
		make("h2", { id: "jobs-title" }, mode() === "test" ? "Test jobs" : "Live jobs"),
		make("ul", { class: "jobs" }, ...jobs.map((job) => jobRow(job, done))),
		more ? make("button", { type: "button", class: "second", id: "more",
			onclick: more }, "Show more jobs") : null,
		legend(jobs));
}
