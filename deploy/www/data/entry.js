// entry: opens a key, or a new one, with the edits of it that are not saved yet, and
// leaves it.

import { confirm } from "../dialog.js";
import { leaves } from "../shell.js";
import { doc, drop, forget, isEdited, keep, setDoc, show, tell } from "./doc.js";
import { draftOf } from "./drafts.js";
import * as kv from "./kv.js";
import { meetDeleted } from "./quicker.js";
import * as view from "./view.js";

let loading = null;
let question = null;

// From now on the page is not left by accident.
export function guard() {
	addEventListener("pagehide", keep);
	addEventListener("beforeunload", (event) => {
		keep();
		if (isEdited() && !leaves())
			event.preventDefault();
	});
}

// Whether the page may go on to something else: what is not saved is asked after,
// and then let go.
async function askToLeave() {
	if (!isEdited())
		return true;
	keep();
	const agreed = await confirm({
		title: "Leave without saving?",
		text: doc.isNew ? "The new key is not saved yet."
			: `Your edits of ${doc.key} are not saved yet.`,
		action: "Discard them",
		danger: true,
	});

	if (agreed)
		drop();
	return agreed;
}

// One question at a time: whoever goes back once more waits for the same answer.
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
	view.notice("Your unsaved edits are back." + (isOld
		? " It was changed since: saving shows you both." : ""), revert,
	"Discard them");
}

function missing(key, draft) {
	if (!draft) {
		view.drawMissing(key, () => tell.asked(key));
		return;
	}
	setDoc({ key, isNew: false, stored: null, shown: "", etag: draft.etag });
	view.draw(doc);
	view.write(draft.text);
	meetDeleted();
}

// Shows a key; the promise is kept when it is there, or what is wrong.
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
		view.notice("Your unsaved key is back.", revert, "Discard it");
	view.focusNew();
}

// --- Leaving ------------------------------------------------------------------

// Puts the entry away, and its edits with the drafts.
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
	tell.closed(key);
}

export async function revert() {
	const { key, isNew } = doc;

	forget();
	if (isNew)
		openNew();
	else
		await openKey(key);
}

