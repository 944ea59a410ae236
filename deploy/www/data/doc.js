// doc: the key that is open, or the one that is being made, and its draft: what is
// typed is kept until it is saved or let go.

import { layout } from "../json.js";
import { dropDraft, keepDraft } from "./drafts.js";
import * as view from "./view.js";

const pause = 250;

// { key, isNew, stored, shown, etag, expiresAt, updatedAt }, or null: stored is the
// text as the store has it, shown what the editor showed before one typed.
export let doc = null;
let timer = null;

// What the page does about it: save(); changed(key) when something was stored, key
// being one that is made since, or null; closed(key); asked(key) for a new one.
export const tell = {};

export function setDoc(next) {
	doc = next;
}

// Opens what was read.
export function show(value) {
	const shown = layout(value.text);

	doc = { ...value, isNew: false, stored: value.text, shown };
	view.draw(doc);
	view.write(shown);
}

export function isOpen() {
	return doc !== null;
}

export function openedKey() {
	return doc?.isNew ? null : doc?.key ?? null;
}

// Whether there is something to edit: a key that is on its way has no version.
export function isReady() {
	return doc !== null && doc.etag !== undefined;
}

export function isEdited() {
	return isReady() && (view.text() !== doc.shown
		|| doc.isNew && view.newKey() !== "");
}

// --- Drafts -------------------------------------------------------------------

const draftName = () => doc.isNew ? "" : doc.key;

export function keep() {
	clearTimeout(timer);
	timer = null;
	if (!isReady())
		return;
	if (isEdited())
		keepDraft(draftName(), { key: doc.isNew ? view.newKey() : doc.key,
			text: view.text(), etag: doc.etag });
	else
		dropDraft(draftName());
}

export function edited() {
	view.showEdited(isEdited());
	timer ??= setTimeout(keep, pause);
}

export function forget() {
	clearTimeout(timer);
	timer = null;
	dropDraft(draftName());
}

// Nothing is open any more, and nothing of it is kept.
export function drop() {
	forget();
	doc = null;
	view.clear();
}
