// doc: the open key, or the new one, and its draft, which is kept until it is saved
// or discarded.

import { layout } from "../json.js";
import { dropDraft, keepDraft } from "./drafts.js";
import * as view from "./view.js";

const pause = 250;

// { key, isNew, stored, shown, etag, expiresAt, updatedAt }, or null. stored is the
// text in the store, shown the text in the editor before the user edited it.
export let doc = null;
let timer = null;

// Tells the page what happened: `changed` when something was stored, with the name of
// a created key or null; `closed` with the name of the key; `create` when the user
// wants to create a key, with its name.
export const events = new EventTarget();

export function announce(name, key = null) {
	events.dispatchEvent(new CustomEvent(name, { detail: key }));
}

export function setDoc(next) {
	doc = next;
}

// Opens a value that was read.
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

// Whether the value has been loaded.
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

// Closes the key and discards its draft.
export function drop() {
	forget();
	doc = null;
	view.clear();
}
