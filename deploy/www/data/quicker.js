// quicker: somebody else was, and stored another value or deleted the key. Nothing
// is stored over theirs before it was seen.

import { layout } from "../json.js";
import { drawConflict, drawDeleted } from "./conflict.js";
import { doc, drop, forget, isEdited, keep, show, tell } from "./doc.js";
import { dropDraft } from "./drafts.js";
import { laidOut } from "./editor.js";
import * as kv from "./kv.js";
import * as view from "./view.js";

// What is stored now is shown beside what was to be saved.
export async function meet(key) {
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
		meetDeleted();
}

function editOn() {
	view.endConflict();
	view.showEdited(isEdited());
	view.notice("Saving now replaces version"
		+ ` ${kv.versionOf(doc.etag)}.`);
	keep();
}

function compare(theirs) {
	const mine = laidOut(view.text());

	if (layout(theirs.text) === mine) {
		forget();
		show(theirs);
		view.say("Somebody saved just the same.");
		return;
	}
	const go = (act) => () => {
		if (doc.isNew) {
			dropDraft("");
			tell.changed(theirs.key);
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
		keepMine: go(tell.save),
		takeTheirs: go(() => {
			forget();
			show(theirs);
			tell.changed(null);
			view.focus();
		}),
		editOn: go(() => {
			doc.shown = layout(theirs.text);
			view.draw(doc);
			editOn();
		}),
	}));
}

function asNew(act) {
	return () => {
		Object.assign(doc, { etag: null, expiresAt: null });
		act();
	};
}

export function meetDeleted() {
	view.conflict((trouble) => drawDeleted({
		mine: laidOut(view.text()),
		trouble,
		saveAgain: asNew(tell.save),
		letGo: () => {
			const { key } = doc;
			drop();
			tell.changed(null);
			tell.closed(key);
		},
		editOn: asNew(() => {
			view.endConflict();
			view.notice("Saving now makes the key again.");
		}),
	}));
}
