// actions: what the user can do with a job.

import { actionButton } from "../action.js";
import { confirm } from "../dialog.js";
import { make } from "../dom.js";
import { ask } from "../shell.js";
import { editJob } from "./editor.js";
import { isHeartbeat, pathOf, quoted } from "./job.js";
import { openRun } from "./run.js";

async function runNow(job, done) {
	openRun(await ask("POST", `${pathOf(job)}/run`), () => done(""));
}

async function enable(job, done, enabled) {
	await ask("PATCH", pathOf(job), { body: { enabled } });
	done(`${enabled ? "Resumed" : "Paused"} ${quoted(job)}.`);
}

async function remove(job, done) {
	if (await confirm({ title: `Delete ${quoted(job)}?`,
		text: "The job does not run again. A run that has started goes on. You"
			+ " cannot undo this.",
		action: "Delete job", danger: true,
		act: () => ask("DELETE", pathOf(job)) }))
		done(`Deleted ${quoted(job)}.`, { isGone: true });
}

// done(sentence, { isGone }) reloads the page and shows the sentence. isGone: the job was
// deleted.
export function actionsOf(job, trouble, done) {
	const button = (name, word, act) => actionButton({ name, id: job.id, word,
		label: `${word} ${quoted(job)}`, trouble, act });

	return make("div", { class: "acts" },
		isHeartbeat(job) || job.problem ? null
			: button("run", "Run now", () => runNow(job, done)),
		button("edit", "Edit", () => editJob(job, done)),
		job.enabled ? button("toggle", "Pause", () => enable(job, done, false))
			: button("toggle", "Resume", () => enable(job, done, true)),
		button("delete", "Delete", () => remove(job, done)));
}
