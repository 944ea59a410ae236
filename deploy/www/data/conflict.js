// conflict: what happens when a key was changed or deleted after it was opened. The
// user sees the current value before it can be overwritten.

import { layout } from "../json.js";
import { drawConflict, drawDeleted } from "./conflictview.js";
import { announce, doc, drop, forget, isEdited, keep, show } from "./doc.js";
import { dropDraft } from "./drafts.js";
import { formatted } from "./editor.js";
import * as kv from "./kv.js";
import * as view from "./view.js";

// Shows the current value of the key beside the edits.
export async function showConflict(key) {
	const target = doc;
	const theirs = await kv.getValue(key).catch((error) => {
		if (error.status !== 404)
			throw error;
		return null;
	});

	if (doc !== target)
		return;
	if (theirs)
		compare(theirs);
	else
		showDeleted();
}

function keepEditing() {
	view.endConflict();
	view.showEdited(isEdited());
	view.notice("If you save now, you replace version"
		+ ` ${kv.versionOf(doc.etag)}.`);
	keep();
}

function compare(theirs) {
	const mine = formatted(view.text());

	if (layout(theirs.text) === mine) {
		forget();
		show(theirs);
		view.say("The same value was already saved.");
		return;
	}
	const rebase = (act) => () => {
		if (doc.isNew) {
			dropDraft("");
			announce("changed", theirs.key);
		}
		Object.assign(doc, { isNew: false, key: theirs.key,
			etag: theirs.etag, stored: theirs.text,
			expiresAt: theirs.expiresAt, updatedAt: theirs.updatedAt });
		act();
	};
	view.conflict((trouble) => drawConflict({
		version: kv.versionOf(theirs.etag),
		isNew: doc.isNew,
		theirs: layout(theirs.text),
		mine,
		trouble,
		keepMine: rebase(view.save),
		takeTheirs: rebase(() => {
			forget();
			show(theirs);
			announce("changed");
			view.focus();
		}),
		keepEditing: rebase(() => {
			doc.shown = layout(theirs.text);
			view.draw(doc);
			keepEditing();
		}),
	}));
}

function asNew(act) {
	return () => {
		Object.assign(doc, { etag: null, expiresAt: null });
		act();
	};
}

// Offers to save the edits of a deleted key as a new one.
export function showDeleted() {
	view.conflict((trouble) => drawDeleted({
		mine: formatted(view.text()),
		trouble,
		saveAgain: asNew(view.save),
		discard: () => {
			const { key } = doc;
			drop();
			announce("changed");
			announce("closed", key);
		},
		keepEditing: asNew(() => {
			view.endConflict();
			view.notice("If you save now, you create the key again.");
		}),
	}));
}
