// view: how the open key looks: its name and facts, the editor, what is said, and
// what can be done.

import { mode } from "../api.js";
import { secondsUntil } from "../clock.js";
import { copyButton } from "../copy.js";
import { find, make } from "../dom.js";
import { relative } from "../format.js";
import { troublePlace } from "../trouble.js";
import { createEditor } from "./editor.js";
import * as kv from "./kv.js";
import { ttlField } from "./ttl.js";

const clockTick = 10_000;

let acts = null;
let editor = null;
let trouble = null;
let nameField = null;
let end = null;
let isAtWork = false;

const entry = () => find("entry");

export function prepare(tellers) {
	acts = tellers;
	editor = createEditor({ id: "value", label: "Value, as JSON",
		onChange: () => acts.changed() });
	trouble = troublePlace("entry-trouble");
	editor.element.append(trouble.element);
	setInterval(() => {
		const ending = find("ends");
		if (ending?.dataset.at)
			ending.textContent = ends(ending.dataset.at);
	}, clockTick);
	clear();
}

export const text = () => editor.text;
export const write = (words) => editor.write(words);
export const isBusy = () => isAtWork;

// --- Parts --------------------------------------------------------------------

function button(id, words, act, kind = "quiet") {
	return make("button", { type: "button", id, class: kind, onclick: act },
		words);
}

function head(title, key) {
	return make("header", { class: "entry-head" },
		button("close", "Close", () => acts.close(), "quiet back"),
		make("h2", { id: "entry-title", tabindex: -1 },
			make("bdi", {}, title)),
		make("p", { class: "head-acts" },
			key ? copyButton(key, "Copy the key") : null));
}

function fill(view, ...children) {
	entry().dataset.view = view;
	entry().hidden = false;
	find("browse").dataset.open = "true";
	entry().replaceChildren(...children.filter(Boolean));
}

function fact(name, ...value) {
	return make("div", {}, make("dt", {}, name), make("dd", {}, ...value));
}

function ends(at) {
	return secondsUntil(at) > 0 ? relative(at) : "it has expired";
}

function facts({ etag, updatedAt, expiresAt }) {
	return make("dl", { class: "entry-facts", id: "facts" },
		fact("Version", make("span", { id: "version" }, kv.versionOf(etag))),
		fact("Updated", updatedAt ? relative(updatedAt) : "—"),
		fact("Expires", make("span", { id: "ends",
			"data-at": expiresAt ?? null, title: expiresAt ?? null },
		expiresAt ? ends(expiresAt) : "never"),
		kv.may("write") ? make("button", { type: "button", id: "change-end",
			class: "word", onclick: () => acts.changeEnd() }, "Change…")
			: null));
}

export function drawFacts(doc) {
	find("facts").replaceWith(facts(doc));
}

function bar({ key, isNew }) {
	const mayWrite = kv.may("write");

	return make("div", { class: "bar-of-choices", id: "bar" },
		mayWrite ? make("button", { type: "button", id: "save",
			"aria-keyshortcuts": "Control+S",
			onclick: () => acts.save() }, isNew ? "Create" : "Save") : null,
		mayWrite ? button("format", "Format", () => editor.format()) : null,
		mayWrite && !isNew ? button("revert", "Discard edits",
			() => acts.revert()) : null,
		isNew ? null : make("span", { id: "copy-value" },
			copyButton(() => editor.text, "Copy the value")),
		isNew ? null : make("a", { class: "button quiet", id: "transform",
			href: `/dashboard/transform#key=${encodeURIComponent(key)}` },
		"Transform…"),
		mayWrite && !isNew ? button("delete", "Delete…",
			() => acts.remove(), "quiet danger-word") : null);
}

// --- What is shown ------------------------------------------------------------

function body(doc) {
	trouble.clear();
	editor.element.append(trouble.element);
	editor.element.hidden = false;
	editor.field.readOnly = !kv.may("write");
	return [make("div", { id: "notice", class: "notice", role: "status" }),
		make("div", { id: "conflict" }), editor.element, bar(doc)];
}

export function draw(doc) {
	fill("value", head(doc.key, doc.key), facts(doc), ...body(doc));
	showEdited(false);
	if (!kv.may("write"))
		notice("This key may read, but not write: the value is shown, and"
			+ " cannot be changed.");
}

// The field is left where it is, with its caret, unless it was not there.
export function drawSaved(doc, wasNew) {
	if (wasNew || editor.element.hidden) {
		draw(doc);
		editor.field.focus();
		return;
	}
	drawFacts(doc);
	find("notice").replaceChildren();
}

export function drawNew(key) {
	nameField = make("input", { id: "new-key", type: "text", value: key,
		maxlength: 512, required: true, autocomplete: "off",
		spellcheck: "false", autocapitalize: "off",
		placeholder: "user:42", "aria-describedby": "new-key-problem",
		oninput: () => acts.changed() });
	end = ttlField("new-ttl");
	fill("new", head("New key"), make("div", { class: "new-key" },
		make("div", {}, make("label", { for: "new-key" }, "Key"), nameField,
			make("p", { id: "new-key-problem", class: "problem",
				role: "alert", hidden: true })),
		end.element), ...body({ isNew: true }));
}

export function drawLoading(key) {
	fill("loading", head(key, key), make("p", { class: "soft",
		role: "status" }, "Loading…"));
	focus();
}

function drawInstead(key, ...children) {
	fill("none", head(key, key), make("div", { class: "empty" }, ...children));
	focus();
}

export function drawMissing(key, makeIt) {
	drawInstead(key, make("p", { id: "missing", role: "status" },
		`There is no such key in ${mode()} data. It may have been deleted,`
			+ " or it expired."),
	kv.may("write") ? button("make-it", "Make it", makeIt, null) : null);
}

export function drawUnreachable(key) {
	drawInstead(key, make("p", { id: "missing" }, "Browsers take this name for"
		+ " a folder, so that no address can have it. It is read and written"
		+ " with POST /kv/batch."));
}

export function drawTrouble(key, error, again) {
	const place = troublePlace("entry-trouble");
	const more = button("entry-again", "Try again", again, null);

	drawInstead(key, place.element, more);
	place.show(error, more);
}

export function clear() {
	entry().dataset.view = "none";
	entry().hidden = true;
	delete find("browse").dataset.open;
	entry().replaceChildren();
}

export function focus() {
	find("entry-title")?.focus();
}

export function focusNew() {
	(nameField.value ? editor.field : nameField).focus();
}

// --- What is said -------------------------------------------------------------

export function say(words) {
	find("said").textContent = words;
}

// act: what can be done about it, and the word for that.
export function notice(words, act = null, word = "") {
	find("notice").replaceChildren(make("p", {}, words, act
		? make("button", { type: "button", class: "word", onclick: act }, word)
		: null));
}

export function showEdited(isEdited) {
	entry().dataset.edited = isEdited;
	if (find("revert"))
		find("revert").hidden = !isEdited;
	if (isEdited)
		say("");
}

// While work is done nothing else is begun; what goes wrong is said.
export async function busy(work) {
	isAtWork = true;
	trouble.clear();
	say("Saving…");
	entry().setAttribute("aria-busy", "true");
	try {
		await work();
	} catch (error) {
		say("");
		trouble.show(error, find("save"));
	} finally {
		isAtWork = false;
		entry().setAttribute("aria-busy", "false");
	}
}

// --- A new key ----------------------------------------------------------------

export const newKey = () => nameField.value;
export const newTtl = () => end.seconds();

function keyProblem(key) {
	if (!key)
		return "A key needs a name.";
	if (!kv.hasAddress(key))
		return "Browsers take this name for a folder.";
	if ([...key].length > 256)
		return "A key has 256 characters at most.";
	return /[\p{Cc}\p{Surrogate}]/u.test(key)
		? "A key has no control characters." : null;
}

// null: it cannot be one, which is said.
export function checkedKey() {
	const problem = keyProblem(newKey());

	find("new-key-problem").textContent = problem ?? "";
	find("new-key-problem").hidden = !problem;
	nameField.setAttribute("aria-invalid", problem ? "true" : "false");
	if (problem)
		nameField.focus();
	return problem ? null : newKey();
}

// Whether the text can be saved; if not, the caret goes to where it cannot.
export function isSound() {
	const fault = editor.judge();

	if (fault) {
		endConflict();
		editor.goTo(fault);
	}
	return !fault;
}

// --- Two versions -------------------------------------------------------------

// drawWith: makes what is shown in place of the editor, with a place for trouble.
export function conflict(drawWith) {
	say("");
	find("notice").replaceChildren();
	find("conflict").replaceChildren(drawWith(trouble.element));
	editor.element.hidden = true;
	find("bar").hidden = true;
	find("conflict-title").focus();
}

export function endConflict() {
	find("conflict").replaceChildren();
	editor.element.append(trouble.element);
	editor.element.hidden = false;
	find("bar").hidden = false;
	editor.field.focus();
}
