// empty: what a page without jobs shows: three examples to begin with.

import { mode } from "../api.js";
import { make } from "../dom.js";

const examples = [
	{
		title: "Call a URL every hour",
		about: "Sends a signed request, and keeps the answer.",
		job: { name: "hourly call", schedule: "0 * * * *",
			command: 'http POST https://example.com/hook {"from": "cron"}' },
	},
	{
		title: "Clean up every night",
		about: "Runs a statement in your database at 02:30, your time.",
		job: { name: "nightly cleanup", schedule: "30 2 * * *", retries: 2,
			command: "sql DELETE FROM events WHERE created_at <"
				+ " datetime('now', '-30 days')" },
	},
	{
		title: "Watch a backup",
		about: "Expects a heartbeat of a program that runs elsewhere, and records"
			+ " each one that is missing.",
		job: { name: "backup", schedule: "0 4 * * *", command: "heartbeat 30m" },
	},
];

function card({ title, about, job }, n, onUse) {
	return make("li", { class: "card" }, make("h3", {}, title),
		make("p", { class: "soft" }, about),
		make("code", {}, job.schedule, make("br"), job.command),
		make("button", { type: "button", class: "second", id: `example-${n}`,
			"aria-label": `Use example: ${title}`, onclick: () => onUse(job) },
		"Use example"));
}

// onUse gets the values of an example.
export function emptyPanel(onUse) {
	return make("section", { class: "panel", id: "empty", "aria-labelledby": "empty-title" },
		make("h2", { id: "empty-title" }, `No ${mode()} jobs`),
		make("p", {}, "A job sends a request, runs SQL or changes a value on a"
			+ " schedule, and records every run, also those that did not take"
			+ " place. Begin with an example:"),
		make("ul", { class: "cards" }, ...examples.map((one, n) =>
			card(one, n, onUse))));
}
