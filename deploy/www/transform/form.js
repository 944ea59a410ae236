// form: reads and fills the form. Its content is kept in the storage of this tab, so
// that it survives a login or a visit to another page.

import { find, make } from "../dom.js";
import { isBatch, textOf } from "./call.js";
import { engineOf, engines } from "./engines.js";

const draftName = "io7.transform";
const fields = ["key", "pattern", "keys", "model", "max_tokens", "if_version",
	"to"];
const ticks = ["json", "save"];

// --- Reading and writing ------------------------------------------------------

// The text of each engine, and the engine whose text is in the field.
let texts = { jq: "." };
let shown = null;

function chosen(name) {
	return find("form").querySelector(`[name=${name}]:checked`).value;
}

export function read() {
	if (shown)
		texts[shown] = find("text").value;
	return {
		engine: chosen("engine"),
		which: chosen("which"),
		texts,
		...Object.fromEntries(fields.map((id) => [id, find(id).value])),
		...Object.fromEntries(ticks.map((id) => [id, find(id).checked])),
	};
}

function choose(name, value) {
	const radio = [...find("form").elements[name]]
		.find((one) => one.value === value);

	if (radio)
		radio.checked = true;
}

function write(choice) {
	choose("engine", choice.engine);
	choose("which", choice.which);
	texts = { ...texts, ...choice.texts };
	fields.forEach((id) => { find(id).value = choice[id] ?? ""; });
	ticks.forEach((id) => { find(id).checked = choice[id] ?? false; });
}

// The content from the last visit.
function readDraft() {
	try {
		return JSON.parse(sessionStorage.getItem(draftName)) ?? {};
	} catch {
		return {};
	}
}

function keepDraft(choice) {
	try {
		sessionStorage.setItem(draftName, JSON.stringify(choice));
	} catch {
		// The storage is full. The draft is only a convenience.
	}
}

// The key in the fragment of the URL: #key=user:42.
function keyOfFragment() {
	return new URLSearchParams(location.hash.slice(1)).get("key");
}

// --- Drawing ------------------------------------------------------------------

function showEngine(choice) {
	const engine = engineOf(choice.engine);

	shown = engine.name;
	find("about").textContent = engine.about;
	find("text-label").textContent = engine.label;
	find("model-field").hidden = engine.name !== "model";
	find("examples").replaceChildren(...engine.examples.map((example) =>
		make("button", { type: "button", class: "quiet",
			onclick: () => useExample(example) }, example.title)));
	find("text").placeholder = engine.examples[0].text;
	find("text").value = textOf(choice);
}

function showChoice(choice) {
	const many = isBatch(choice);

	for (const which of ["one", "pattern", "keys"])
		find(`${which}-field`).hidden = choice.which !== which;
	find("version-field").hidden = many;
	find("stored").hidden = many;
	find("to-field").hidden = !choice.save;
	find("to").placeholder = many ? "each key itself" : "the same key";
	find("to-note").textContent = many
		? "Use one * as a placeholder for the key: copy:*" : "";
	find("run").textContent = choice.save ? "Run and save" : "Run";
}

// Inserts text like typed text, so that undo works.
function fill(field, text) {
	field.focus();
	field.select();
	if (!document.execCommand("insertText", false, text))
		field.value = text;
}

function useExample({ text, json = false }) {
	find("json").checked = json;
	fill(find("text"), text);
	find("form").dispatchEvent(new Event("input"));
}

// --- Errors -------------------------------------------------------------------

// The input for a field that the API names, if it is visible.
function inputOf(field) {
	if (!field)
		return null;
	const input = field === "engine"
		? find("engines").querySelector(":checked")
		: find(engines.some(({ argument }) => argument === field)
			? "text" : field);

	return input?.matches("input, textarea") && !input.closest("[hidden]")
		? input : null;
}

// Shows a problem at its field. False if the field is not visible.
export function showProblem(field, sentence) {
	const input = inputOf(field);

	if (!input)
		return false;
	if (!input.matches("[type=radio]"))
		input.setAttribute("aria-invalid", "true");
	input.setAttribute("aria-describedby", "problem");
	(input.closest("label") ?? input).after(make("p",
		{ class: "problem", id: "problem", role: "alert" }, sentence));
	input.focus();
	return true;
}

// The label of a field that the API names.
export function labelOf(field) {
	const label = inputOf(field)?.labels[0];

	return label?.textContent.trim() ?? field;
}

export function clearProblem() {
	find("problem")?.remove();
	find("form").querySelectorAll("[aria-describedby=problem]").forEach(
		(input) => {
			input.removeAttribute("aria-invalid");
			input.removeAttribute("aria-describedby");
		});
}

// --- Opening ------------------------------------------------------------------

function drawEngines() {
	find("engines").append(...engines.map(({ name, title }, i) =>
		make("label", {}, make("input", { type: "radio", name: "engine",
			value: name, checked: i === 0 }), make("span", {}, title))));
}

// The key in the URL overrides the one of the draft.
function takeKey() {
	const key = keyOfFragment();

	if (key === null)
		return;
	choose("which", "one");
	find("key").value = key;
}

// changed(choice) is called at first and after every change.
export function openForm(changed) {
	function change() {
		const choice = read();

		clearProblem();
		if (choice.engine !== shown)
			showEngine(choice);
		showChoice(choice);
		keepDraft(choice);
		changed(choice);
	}

	drawEngines();
	write({ engine: "jq", which: "one", ...readDraft() });
	takeKey();
	change();
	find("form").addEventListener("input", change);
	addEventListener("hashchange", () => {
		takeKey();
		change();
	});
}
