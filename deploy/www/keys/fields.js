// fields: the fields of the dialogs about keys, as field.js describes them.

import { now } from "../clock.js";
import { make } from "../dom.js";
import { FieldError, problemLine } from "../field.js";
import { moment } from "../format.js";
import { allScopes } from "./key.js";

const day = 86400000;
const permissions = {
	read: "see values, lists and usage",
	write: "store, change and delete values",
	admin: "create and revoke keys, delete the account",
	database: "read and write the user database, nothing else",
	"database:read": "read the user database, nothing else",
};

// --- The label ----------------------------------------------------------------

export function labelField(id, label = "") {
	const input = make("input", { id, type: "text", autocomplete: "off",
		autofocus: true, spellcheck: "false", value: label,
		"aria-describedby": `${id}-problem` });
	const problem = problemLine(id, [input]);

	function read() {
		if (!input.value.trim())
			throw new FieldError("Enter a label.");
		return input.value.trim();
	}

	return { name: "label", read, showProblem: problem.show, input,
		element: make("div", { class: "field" },
			make("label", { for: id }, "Label"), input,
			problem.element) };
}

// --- Mode and permissions -----------------------------------------------------

function choice(type, name, value, checked, words, note, disabled = false) {
	return make("label", { class: "choice" },
		make("input", { type, name, value, checked, disabled,
			id: `${name}-${value}` }),
		make("span", {}, make("b", {}, words),
			make("span", { class: "soft" }, note)));
}

// others: whether the other mode can be chosen; note says why not.
export function modeField(chosen, others, note) {
	const choices = ["live", "test"].map((mode) => choice("radio", "key-mode",
		mode, mode === chosen, mode === "test" ? "Test" : "Live",
		`uses ${mode} data`, mode !== chosen && !others));
	const element = make("fieldset", { class: "field" },
		make("legend", {}, "Mode"),
		make("div", { class: "pair" }, ...choices),
		note ? make("p", { class: "soft" }, note) : null);

	return { name: "mode", element, showProblem() {},
		read: () => element.querySelector(":checked").value };
}

export function scopesField(chosen) {
	const choices = allScopes.map((scope) => choice("checkbox", "scope", scope,
		chosen.includes(scope), scope, permissions[scope]));
	const boxes = choices.map((one) => one.querySelector("input"));
	const problem = problemLine("scopes", boxes);

	function read() {
		const names = boxes.filter((box) => box.checked)
			.map((box) => box.value);

		if (!names.length)
			throw new FieldError("Choose at least one permission.");
		return names;
	}

	return { name: "scopes", read, showProblem: problem.show,
		element: make("fieldset", { class: "field" },
			make("legend", {}, "Permissions"), ...choices, problem.element) };
}

// --- Expiry -------------------------------------------------------------------

const expiries = [
	["7", "in 7 days"], ["30", "in 30 days"], ["90", "in 90 days"],
	["365", "in a year"], ["never", "never"], ["own", "on a date"],
];

// The date in so many days, in the format of a date field.
function dateIn(days) {
	return new Date(now() + days * day).toISOString().slice(0, 10);
}

// The chosen expiry as a time, or null for never.
function expiryOf(chosen, date) {
	if (chosen === "never")
		return null;
	if (chosen !== "own")
		return new Date(now() + Number(chosen) * day).toISOString();
	if (!date)
		throw new FieldError("Choose a date.");
	return `${date}T23:59:59Z`;
}

export function expiryField({ canBeNever = true } = {}) {
	const select = make("select", { id: "key-end",
		"aria-describedby": "key-end-note expires_at-problem" },
	...expiries.filter(([value]) => canBeNever || value !== "never")
		.map(([value, words]) => make("option", { value,
			selected: value === "90" }, words)));
	const date = make("input", { type: "date", id: "key-end-day",
		min: dateIn(1), "aria-label": "Expiry date", hidden: true,
		"aria-describedby": "key-end-note expires_at-problem" });
	const note = make("p", { class: "soft", id: "key-end-note" });
	const problem = problemLine("expires_at", [select, date]);

	function read() {
		return expiryOf(select.value, date.value);
	}

	function update() {
		date.hidden = select.value !== "own";
		problem.show(null);
		if (select.value === "never")
			note.textContent = "The key works until it is revoked.";
		else if (select.value === "own" && !date.value)
			note.textContent = "The key works until the end of that day, UTC.";
		else
			note.textContent = `The key works until ${moment(read())}.`;
	}
	select.addEventListener("change", update);
	date.addEventListener("input", update);
	update();

	return { name: "expires_at", read, showProblem: problem.show,
		element: make("div", { class: "field" },
			make("label", { for: "key-end" }, "Expires"),
			make("div", { class: "pair" }, select, date),
			note, problem.element) };
}

// How long the old key works after a rotation.
export function graceField() {
	const choices = [["0", "none"],
		["600", "10 minutes"],
		["3600", "1 hour"], ["86400", "1 day"],
		["604800", "1 week"], ["2592000", "30 days"]];
	const select = make("select", { id: "grace", autofocus: true,
		"aria-describedby": "grace_s-problem" },
	...choices.map(([value, words]) => make("option", { value,
		selected: value === "86400" }, words)));
	const problem = problemLine("grace_s", [select]);

	return { name: "grace_s", read: () => Number(select.value),
		showProblem: problem.show,
		element: make("div", { class: "field" },
			make("label", { for: "grace" }, "Grace period of the old key"),
			select, problem.element) };
}
