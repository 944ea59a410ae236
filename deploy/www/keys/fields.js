// fields: what a dialog about keys asks for. Each field is { name, element, read,
// say }: read() is its value, or throws a FieldError; say() puts what is wrong
// with it below it, or takes it away.

import { now } from "../clock.js";
import { make } from "../dom.js";
import { moment } from "../format.js";
import { allScopes } from "./key.js";

const day = 86400000;
const may = {
	read: "see values, lists and usage",
	write: "store, change and delete values",
	admin: "make and revoke keys, and end the account",
};

export class FieldError extends Error {}

// Where it is said what is wrong with a field; controls: what is then marked.
function problemOf(name, controls) {
	const element = make("p", { class: "problem", id: `${name}-problem`,
		role: "alert", hidden: true });

	function say(sentence) {
		element.textContent = sentence ?? "";
		element.hidden = !sentence;
		for (const control of controls)
			control.setAttribute("aria-invalid", sentence ? "true"
				: "false");
		if (sentence)
			controls[0].focus();
	}
	return { element, say };
}

// --- The label ----------------------------------------------------------------

export function labelField(id, label = "") {
	const input = make("input", { id, type: "text", autocomplete: "off",
		autofocus: true, spellcheck: "false", value: label,
		"aria-describedby": `${id}-problem` });
	const problem = problemOf(id, [input]);

	function read() {
		if (!input.value.trim())
			throw new FieldError("A key needs a label, to know it by.");
		return input.value.trim();
	}

	return { name: "label", read, say: problem.say, input,
		element: make("div", { class: "field" },
			make("label", { for: id }, "Label"), input,
			problem.element) };
}

// --- One of several, some of several ------------------------------------------

function choice(type, name, value, checked, words, note, disabled = false) {
	return make("label", { class: "choice" },
		make("input", { type, name, value, checked, disabled,
			id: `${name}-${value}` }),
		make("span", {}, make("b", {}, words),
			make("span", { class: "soft" }, note)));
}

// The modes that may be chosen; note: why there is only one.
export function modeField(chosen, others, note) {
	const choices = ["live", "test"].map((mode) => choice("radio", "key-mode",
		mode, mode === chosen, mode === "test" ? "Test" : "Live",
		`acts on ${mode} data`, mode !== chosen && !others));
	const element = make("fieldset", { class: "field" },
		make("legend", {}, "Mode"),
		make("div", { class: "pair" }, ...choices),
		note ? make("p", { class: "soft" }, note) : null);

	return { name: "mode", element, say() {},
		read: () => element.querySelector(":checked").value };
}

export function scopesField(chosen) {
	const choices = allScopes.map((scope) => choice("checkbox", "scope", scope,
		chosen.includes(scope), scope, may[scope]));
	const boxes = choices.map((one) => one.querySelector("input"));
	const problem = problemOf("scopes", boxes);

	function read() {
		const names = boxes.filter((box) => box.checked)
			.map((box) => box.value);

		if (!names.length)
			throw new FieldError("A key must be able to do something.");
		return names;
	}

	return { name: "scopes", read, say: problem.say,
		element: make("fieldset", { class: "field" },
			make("legend", {}, "It may"), ...choices, problem.element) };
}

// --- When it ends -------------------------------------------------------------

const ends = [
	["7", "in 7 days"], ["30", "in 30 days"], ["90", "in 90 days"],
	["365", "in a year"], ["never", "never"], ["own", "on a day of my choice"],
];

// The day that is that many days away, as a field for dates has it.
function dayAway(days) {
	return new Date(now() + days * day).toISOString().slice(0, 10);
}

// Its value is a time, or null for never.
function endOf(chosen, date) {
	if (chosen === "never")
		return null;
	if (chosen !== "own")
		return new Date(now() + Number(chosen) * day).toISOString();
	if (!date)
		throw new FieldError("Choose the day.");
	return `${date}T23:59:59Z`;
}

// mustEnd: never is none of the choices.
export function endField({ mustEnd = false } = {}) {
	const select = make("select", { id: "key-end",
		"aria-describedby": "key-end-note expires_at-problem" },
	...ends.filter(([value]) => !mustEnd || value !== "never")
		.map(([value, words]) => make("option", { value,
			selected: value === "90" }, words)));
	const date = make("input", { type: "date", id: "key-end-day",
		min: dayAway(1), "aria-label": "The day it ends", hidden: true,
		"aria-describedby": "key-end-note expires_at-problem" });
	const note = make("p", { class: "soft", id: "key-end-note" });
	const problem = problemOf("expires_at", [select, date]);

	function read() {
		return endOf(select.value, date.value);
	}

	function tell() {
		date.hidden = select.value !== "own";
		problem.say(null);
		if (select.value === "never")
			note.textContent = "It works until somebody revokes it.";
		else if (select.value === "own" && !date.value)
			note.textContent = "It works to the end of that day, UTC.";
		else
			note.textContent = `It works until ${moment(read())}.`;
	}
	select.addEventListener("change", tell);
	date.addEventListener("input", tell);
	tell();

	return { name: "expires_at", read, say: problem.say,
		element: make("div", { class: "field" },
			make("label", { for: "key-end" }, "It ends"),
			make("div", { class: "pair" }, select, date),
			note, problem.element) };
}

// How long the old key goes on after a rotation.
export function graceField() {
	const choices = [["0", "not at all"], ["600", "for 10 minutes"],
		["3600", "for an hour"], ["86400", "for a day"],
		["604800", "for a week"], ["2592000", "for 30 days"]];
	const select = make("select", { id: "grace", autofocus: true,
		"aria-describedby": "grace_s-problem" },
	...choices.map(([value, words]) => make("option", { value,
		selected: value === "86400" }, words)));
	const problem = problemOf("grace_s", [select]);

	return { name: "grace_s", read: () => Number(select.value),
		say: problem.say,
		element: make("div", { class: "field" },
			make("label", { for: "grace" }, "The old key goes on"),
			select, problem.element) };
}
