// entry: opens a key or a new one, restores its draft, and closes it.

import { confirm } from "../dialog.js";
import { isLeavingPage } from "../shell.js";
import { showDeleted } from "./conflict.js";
import { announce, doc, drop, forget, isEdited, keep, setDoc, show }
	from "./doc.js";
import { draftOf } from "./drafts.js";
import * as kv from "./kv.js";
import * as view from "./view.js";

let loading = null;
let question = null;

// Makes the browser ask before the page is left with unsaved edits.
export function guardUnload() {
	addEventListener("pagehide", keep);
	addEventListener("beforeunload", (event) => {
		keep();
		if (isEdited() && !isLeavingPage())
			event.preventDefault();
	});
}

// Whether the open key may be closed. If it has unsaved edits, the user is asked; they
// are discarded if the user agrees.
async function askToLeave() {
	if (!isEdited())
		return true;
	keep();
	const agreed = await confirm({
		title: "Leave without saving?",
		text: doc.isNew ? "The new key is not saved."
			: `Your edits of ${doc.key} are not saved.`,
		action: doc.isNew ? "Discard key" : "Discard edits",
		danger: true,
	});

	if (agreed)
		drop();
	return agreed;
}

// Only one dialog at a time: later calls wait for the same answer.
export function mayLeave() {
	question ??= askToLeave().finally(() => { question = null; });
	return question;
}

// --- Opening ------------------------------------------------------------------

function restore(draft) {
	if (draft.text === doc.shown)
		return;
	const isOld = draft.etag !== doc.etag;

	doc.etag = draft.etag;
	view.write(draft.text);
	view.showEdited(true);
	view.notice("Your unsaved edits were restored." + (isOld
		? " The value was changed since. You will see both versions when you"
			+ " save." : ""), revert,
	"Discard edits");
}

function missing(key, draft) {
	if (!draft) {
		view.drawMissing(key, () => announce("create", key));
		return;
	}
	setDoc({ key, isNew: false, stored: null, shown: "", etag: draft.etag });
	view.draw(doc);
	view.write(draft.text);
	showDeleted();
}

// Opens a key. Resolves when the value or an error is shown.
export async function openKey(key) {
	loading?.abort();
	loading = new AbortController();
	const { signal } = loading;
	const draft = draftOf(key);

	setDoc({ key, isNew: false });
	view.say("");
	view.drawLoading(key);
	if (!kv.hasAddress(key)) {
		view.drawUnreachable(key);
		return;
	}
	try {
		const value = await kv.getValue(key, signal);
		show(value);
		if (draft && kv.may("write"))
			restore(draft);
		if (document.activeElement === document.body)
			view.focus();
	} catch (error) {
		if (signal.aborted)
			return;
		if (error.status === 404)
			missing(key, draft);
		else
			view.drawTrouble(key, error, () => openKey(key));
	}
}

export function openNew(key = "") {
	loading?.abort();
	const draft = draftOf("");

	setDoc({ key: "", isNew: true, stored: null, shown: "", etag: null });
	view.say("");
	view.drawNew(draft?.key || key);
	view.write(draft?.text ?? "");
	view.showEdited(isEdited());
	if (draft)
		view.notice("Your unsaved key was restored.", revert, "Discard key");
	view.focusNew();
}

// --- Leaving ------------------------------------------------------------------

// Closes the key and keeps its edits as a draft.
export function putAway() {
	if (!doc)
		return;
	keep();
	loading?.abort();
	setDoc(null);
	view.clear();
}

export async function close() {
	const key = doc?.key;

	if (!await mayLeave())
		return;
	putAway();
	announce("closed", key);
}

export async function revert() {
	const { key, isNew } = doc;

	forget();
	if (isNew)
		openNew();
	else
		await openKey(key);
}

