// editor: the dialog that creates or changes a job, with a preview of its schedule.

import { make } from "../dom.js";
import { openForm } from "../form.js";
import { ask } from "../shell.js";
import { catchUpField, commandField, nameField, overlapField, retriesField,
	scheduleField, zoneField } from "./fields.js";
import { pathOf, quoted } from "./job.js";
import { previewPanel } from "./preview.js";
import { localZone } from "./zones.js";

const defaults = { name: "", schedule: "", command: "", overlap: "skip", retries: 0,
	catch_up: "one" };

// Only what has changed is sent, so that another tab's changes of other fields stay.
function changesOf(job, values) {
	return Object.fromEntries(Object.entries(values).filter(([name, value]) =>
		job[name] !== value));
}

// Shows the problems of the schedule at its fields, without moving the focus.
function livePreview(schedule, zone) {
	const preview = previewPanel((field, sentence) => {
		for (const one of [schedule, zone])
			one.note(one.name === field ? sentence : null);
	});
	const update = () => preview.update(schedule.control.value.trim(),
		zone.control.value.trim());

	for (const { control } of [schedule, zone])
		control.addEventListener("input", update);
	update();
	return preview.element;
}

function open({ title, values, action, send, done }) {
	const name = nameField(values.name);
	const schedule = scheduleField(values.schedule);
	const zone = zoneField(values.timezone ?? localZone());
	const rules = [overlapField(values.overlap), retriesField(values.retries),
		catchUpField(values.catch_up)];
	const more = make("details", { class: "rules" },
		make("summary", {}, "Overlap, retries and missed runs"),
		...rules.map(({ element }) => element));
	// Rules do not apply to heartbeats, which run nothing.
	const command = commandField(values.command, (kind) => {
		more.hidden = kind === "heartbeat";
	});

	openForm({
		title, action, send, done,
		fields: [name, schedule, zone, command, ...rules],
		layout: [name.element,
			make("div", { class: "pair" }, schedule.element, zone.element),
			schedule.syntax, livePreview(schedule, zone), command.kind, command.element, more],
	});
}

// example: values to begin with, or null. done(sentence) is called at the end.
export function createJob(done, example = null) {
	open({
		title: "Create job",
		values: { ...defaults, ...example },
		action: "Create job",
		send: (body) => ask("POST", "/api/cron/jobs", { body }),
		done: (job, dialog) => {
			dialog.close();
			done(`Created ${quoted(job)}.`);
		},
	});
}

export function editJob(job, done) {
	open({
		title: `Edit ${quoted(job)}`,
		values: job,
		action: "Save job",
		send: (values) => ask("PATCH", pathOf(job),
			{ body: changesOf(job, values) }),
		done: (changed, dialog) => {
			dialog.close();
			done(`Saved ${quoted(changed)}.`);
		},
	});
}
