// form: what is chosen, from the page and back. What was typed is kept in this
// tab, each engine's text for itself, so that nothing is lost on the way to the
// login or to another room.

import { find, make } from "../dom.js";
import { isBatch, textOf } from "./ask.js";
import { engineOf, engines } from "./engines.js";

const draftName = "io7.transform";
const fields = ["key", "pattern", "keys", "model", "max_tokens", "if_version",
	"to"];
const ticks = ["json", "save"];

// --- Reading and writing ------------------------------------------------------

// Of each engine its text, and the engine whose text is there to be changed.
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

// What was there when this tab was here last.
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
		// There is no room: it is a convenience, and no more.
	}
}

// The key that the address names: #key=user:42.
function keyOfAddress() {
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
	find("to").placeholder = many ? "each under its own key" : "the same key";
	find("to-note").textContent = many
		? "One * in it stands for the key: copy:*" : "";
	find("run").textContent = choice.save ? "Run and save" : "Run";
}

// Typed as a person would, so that the browser's own undo brings back what stood
// there.
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

// --- What is amiss ------------------------------------------------------------

// The place of a field that the API names.
function placeOf(field) {
	if (!field)
		return null;
	const place = field === "engine"
		? find("engines").querySelector(":checked")
		: find(engines.some(({ argument }) => argument === field)
			? "text" : field);

	return place?.matches("input, textarea") && !place.closest("[hidden]")
		? place : null;
}

// Says it at the field; false: there is none of that name to be seen.
export function refuse(field, sentence) {
	const place = placeOf(field);

	if (!place)
		return false;
	if (!place.matches("[type=radio]"))
		place.setAttribute("aria-invalid", "true");
	place.setAttribute("aria-describedby", "fault");
	(place.closest("label") ?? place).after(make("p",
		{ class: "problem", id: "fault", role: "alert" }, sentence));
	place.focus();
	return true;
}

// What the API calls a field, as the page does.
export function nameOf(field) {
	const place = placeOf(field);
	const label = place?.labels[0];

	return label?.textContent.trim() ?? field;
}

export function forgive() {
	find("fault")?.remove();
	find("form").querySelectorAll("[aria-describedby=fault]").forEach((place) => {
		place.removeAttribute("aria-invalid");
		place.removeAttribute("aria-describedby");
	});
}

// --- Life ---------------------------------------------------------------------

function drawEngines() {
	find("engines").append(...engines.map(({ name, title }, i) =>
		make("label", {}, make("input", { type: "radio", name: "engine",
			value: name, checked: i === 0 }), make("span", {}, title))));
}

// The key of the address goes before that of the draft.
function takeKey() {
	const key = keyOfAddress();

	if (key === null)
		return;
	choose("which", "one");
	find("key").value = key;
}

// changed is told of each choice, the first one, too.
export function openForm(changed) {
	function change() {
		const choice = read();

		forgive();
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
