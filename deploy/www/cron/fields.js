// fields: the fields of a job, as field.js describes them. Each also has the control
// that the user changes.

import { make } from "../dom.js";
import { FieldError, problemLine } from "../field.js";
import { kinds } from "./command.js";
import { kindOf } from "./job.js";
import { zoneOptions } from "./zones.js";

// --- Texts --------------------------------------------------------------------

// more: elements below the control.
function field(name, label, control, { read, more = [] }) {
	const problem = problemLine(name, [control]);

	return { name, control, read, showProblem: problem.show, note: problem.note,
		element: make("div", { class: "field" },
			make("label", { for: control.id }, label), control, ...more,
			problem.element) };
}

function textInput(name, value, attributes) {
	return make("input", { id: name, type: "text", autocomplete: "off",
		spellcheck: "false", autocapitalize: "off", value,
		"aria-describedby": `${name}-note ${name}-problem`, ...attributes });
}

function noteBelow(name, ...words) {
	return make("p", { class: "soft", id: `${name}-note` }, ...words);
}

// The trimmed text, which must not be empty.
function needText(control, sentence) {
	const text = control.value.trim();

	if (!text)
		throw new FieldError(sentence);
	return text;
}

export function nameField(value) {
	const control = textInput("name", value, { autofocus: true,
		"aria-describedby": "name-problem" });

	return field("name", "Name", control,
		{ read: () => needText(control, "Enter a name.") });
}

const schedules = [
	["*/15 * * * *", "every 15 minutes"], ["0 * * * *", "every hour"],
	["30 2 * * *", "every day at 02:30"], ["0 9 * * 1-5", "on weekdays at 09:00"],
	["0 6 * * 1", "every Monday at 06:00"], ["0 0 1 * *", "on the first of a month"],
];

export function scheduleField(value) {
	const list = make("datalist", { id: "schedules" }, ...schedules.map(
		([schedule, label]) => make("option", { value: schedule, label })));
	const control = textInput("schedule", value, { list: list.id });

	return { ...field("schedule", "Schedule", control, {
		read: () => needText(control, "Enter a schedule."), more: [list] }),
	syntax: noteBelow("schedule", "Minute, hour, day of the month, month, day of the"
		+ " week; or a name such as @daily.") };
}

export function zoneField(value) {
	const list = make("datalist", { id: "zones" }, ...zoneOptions());
	const control = textInput("timezone", value, { list: list.id,
		"aria-describedby": "timezone-problem" });

	return field("timezone", "Time zone", control, {
		read: () => needText(control, "Enter a time zone, such as Europe/Rome."),
		more: [list] });
}

// --- Command ------------------------------------------------------------------

// The kind and the text of the command follow each other. The text of each kind is kept
// while the user looks at the others. onKind gets the name of the kind.
export function commandField(value, onKind) {
	const texts = Object.fromEntries(kinds.map(({ name, example }) => [name, example]));
	const select = make("select", { id: "kind", onchange: showKind },
		...kinds.map(({ name, label }) => make("option", { value: name }, label)));
	const control = make("textarea", { id: "command", rows: 3, spellcheck: "false",
		autocapitalize: "off", autocomplete: "off", oninput: readKind,
		"aria-describedby": "command-note command-problem" });
	const note = noteBelow("command");
	const kind = make("div", { class: "field" },
		make("label", { for: "kind" }, "Kind"), select);

	function explain() {
		const { syntax, about } = kinds.find(({ name }) => name === select.value);

		note.replaceChildren(make("code", {}, syntax), ` ${about}`);
		onKind(select.value);
	}

	function showKind() {
		control.value = texts[select.value];
		explain();
	}

	function readKind() {
		const name = kindOf(control.value);

		if (!(name in texts))
			return;
		texts[name] = control.value;
		if (name !== select.value) {
			select.value = name;
			explain();
		}
	}

	control.value = value || kinds[0].example;
	readKind();
	explain();
	const made = field("command", "Command", control, {
		read: () => needText(control, "Enter a command."), more: [note] });

	return { ...made, kind };
}

// --- Rules --------------------------------------------------------------------

// choices: [value, words, sentence about it].
function choiceField(name, label, value, choices, toValue = (text) => text) {
	const note = noteBelow(name);
	const control = make("select", { id: name, onchange: explain,
		"aria-describedby": `${name}-note ${name}-problem` },
	...choices.map(([one, words]) => make("option", { value: one,
		selected: one === value }, words)));

	function explain() {
		note.textContent = choices.find(([one]) => String(one) === control.value)[2];
	}

	explain();
	return field(name, label, control, { read: () => toValue(control.value),
		more: [note] });
}

export function overlapField(value) {
	return choiceField("overlap", "If the last run is still running", value, [
		["skip", "Skip", "The job is not run again, which is recorded as a skipped"
			+ " run."],
		["queue", "Queue", "The job waits until the last run has ended."],
		["parallel", "Run in parallel", "Both runs take place at the same time."],
	]);
}

const mostRetries = 10;

export function retriesField(value) {
	const choices = Array.from({ length: mostRetries + 1 }, (_, n) => [n,
		n ? String(n) : "None", n ? `A failed run is tried again up to ${
			n === 1 ? "once" : `${n} times`}, after growing pauses. Retries`
			+ " cost no credits." : "A failed run is not tried again."]);

	return choiceField("retries", "Retries", value, choices, Number);
}

export function catchUpField(value) {
	return choiceField("catch_up", "After a downtime of io7", value, [
		["none", "Do not catch up", "Missed times are recorded and not run."],
		["one", "Catch up once", "The job runs once, however many times it missed."],
		["all", "Catch up on all", "The job runs for each time that it missed, up to"
			+ " 100 times."],
	]);
}
