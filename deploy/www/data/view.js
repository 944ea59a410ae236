// view: draws the open key: name, facts, editor, messages and buttons.

import { mode } from "../api.js";
import { secondsUntil } from "../clock.js";
import { copyButton } from "../copy.js";
import { find, make } from "../dom.js";
import { relative } from "../format.js";
import { errorBox } from "../errorbox.js";
import { createEditor } from "./editor.js";
import * as kv from "./kv.js";
import { ttlField } from "./ttl.js";

const clockTick = 10_000;

let actions = null;
let editor = null;
let trouble = null;
let nameField = null;
let ttl = null;
let isAtWork = false;

const entry = () => find("entry");

// actions: save, remove, changeExpiry, changed, close and revert, called by the
// buttons and the editor.
export function prepare(callbacks) {
	actions = callbacks;
	editor = createEditor({ id: "value", label: "Value, as JSON",
		onChange: () => actions.changed() });
	trouble = errorBox("entry-trouble");
	editor.element.append(trouble.element);
	setInterval(() => {
		const expiry = find("expires");
		if (expiry?.dataset.at)
			expiry.textContent = expiryText(expiry.dataset.at);
	}, clockTick);
	clear();
}

export const text = () => editor.text;
export const write = (words) => editor.write(words);
export const isBusy = () => isAtWork;
export const save = () => actions.save();

// --- Parts --------------------------------------------------------------------

function button(id, words, act, kind = "quiet") {
	return make("button", { type: "button", id, class: kind, onclick: act },
		words);
}

function head(title, key) {
	return make("header", { class: "entry-head" },
		button("close", "Close", () => actions.close(), "quiet back"),
		make("h2", { id: "entry-title", tabindex: -1 },
			make("bdi", {}, title)),
		make("p", { class: "head-acts" },
			key ? copyButton(key, "Copy key") : null));
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

function expiryText(at) {
	return secondsUntil(at) > 0 ? relative(at) : "expired";
}

function facts({ etag, updatedAt, expiresAt }) {
	return make("dl", { class: "entry-facts", id: "facts" },
		fact("Version", make("span", { id: "version" }, kv.versionOf(etag)),
			make("span", { class: "soft" }, " (may skip numbers)")),
		fact("Updated", updatedAt ? relative(updatedAt) : "—"),
		fact("Expires", make("span", { id: "expires",
			"data-at": expiresAt ?? null, title: expiresAt ?? null },
		expiresAt ? expiryText(expiresAt) : "never"),
		kv.may("write") ? make("button", { type: "button", id: "change-expiry",
			class: "word", onclick: () => actions.changeExpiry() }, "Change…")
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
			onclick: () => actions.save() }, isNew ? "Create key" : "Save") : null,
		mayWrite ? button("format", "Format", () => editor.format()) : null,
		mayWrite && !isNew ? button("revert", "Discard edits",
			() => actions.revert()) : null,
		isNew ? null : make("span", { id: "copy-value" },
			copyButton(() => editor.text, "Copy value")),
		isNew ? null : make("a", { class: "button quiet", id: "transform",
			href: `/dashboard/transform#key=${encodeURIComponent(key)}` },
		"Transform…"),
		mayWrite && !isNew ? button("delete", "Delete…",
			() => actions.remove(), "quiet danger-word") : null);
}

// --- Content ------------------------------------------------------------------

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
		notice("Your API key can only read. To change this value, use a key with"
			+ " the scope write.");
}

// After a save the field stays in place and keeps the caret.
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
		oninput: () => actions.changed() });
	ttl = ttlField("new-ttl");
	fill("new", head("New key"), make("div", { class: "new-key" },
		make("div", {}, make("label", { for: "new-key" }, "Key"), nameField,
			make("p", { id: "new-key-problem", class: "problem",
				role: "alert", hidden: true })),
		ttl.element), ...body({ isNew: true }));
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

export function drawMissing(key, create) {
	drawInstead(key, make("p", { id: "missing", role: "status" },
		`This key does not exist in ${mode()} data. It may have been`
			+ " deleted, or it expired."),
	kv.may("write") ? button("create-key", "Create key", create, null) : null);
}

export function drawUnreachable(key) {
	drawInstead(key, make("p", { id: "missing" }, "Browsers remove this name"
		+ " from URLs. Use POST /kv/batch to read and write this key."));
}

export function drawTrouble(key, error, again) {
	const place = errorBox("entry-trouble");
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

// --- Messages -----------------------------------------------------------------

export function say(words) {
	find("message").textContent = words;
}

// act: what the button with the label word does.
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

// Does work and shows its error. isBusy() is true for that time.
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
export const newTtl = () => ttl.seconds();

function keyProblem(key) {
	if (!key)
		return "Enter a name.";
	if (!kv.hasAddress(key))
		return "Browsers remove this name from URLs. Choose another one.";
	if ([...key].length > 256)
		return "The key is longer than 256 characters.";
	return /[\p{Cc}\p{Surrogate}]/u.test(key)
		? "The key contains control characters." : null;
}

// The name of the new key; null if it is invalid, which is shown.
export function checkedKey() {
	const problem = keyProblem(newKey());

	find("new-key-problem").textContent = problem ?? "";
	find("new-key-problem").hidden = !problem;
	nameField.setAttribute("aria-invalid", problem ? "true" : "false");
	if (problem)
		nameField.focus();
	return problem ? null : newKey();
}

// Whether the text is valid. If not, the caret moves to the first error.
export function isValid() {
	const fault = editor.check();

	if (fault) {
		endConflict();
		editor.goTo(fault);
	}
	return !fault;
}

// --- Conflicts ----------------------------------------------------------------

// Shows a conflict in place of the editor. draw(element) receives the element that
// shows errors.
export function conflict(draw) {
	say("");
	find("notice").replaceChildren();
	find("conflict").replaceChildren(draw(trouble.element));
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
