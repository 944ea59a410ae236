// saving: saves the edits, changes the expiry and deletes the key, each only if the
// key still has the version that was read.

import { secondsUntil } from "../clock.js";
import { confirm } from "../dialog.js";
import { pack } from "../json.js";
import { announce, doc, drop, isEdited, isReady, keep } from "./doc.js";
import { showConflict } from "./conflict.js";
import { dropDraft } from "./drafts.js";
import { openKey } from "./entry.js";
import * as kv from "./kv.js";
import { askTtl } from "./ttl.js";
import * as view from "./view.js";

// The seconds until the key expires, so that a save keeps the expiry.
function timeLeft({ expiresAt }) {
	return expiresAt ? Math.max(1, Math.ceil(secondsUntil(expiresAt))) : null;
}

// Stores a text. False if another key has been opened meanwhile.
async function write(target, key, text, ttl) {
	const mark = await kv.putValue(key, text, { etag: target.etag, ttl });

	Object.assign(target, mark, { key, stored: text,
		updatedAt: new Date().toISOString() });
	return doc === target;
}

async function store(key, text, ttl) {
	const wasNew = doc.isNew;
	const isOpen = await write(doc, key, pack(text), ttl);

	if (wasNew)
		dropDraft("");
	if (isOpen) {
		doc.isNew = false;
		doc.shown = text;
		keep();
		view.drawSaved(doc, wasNew);
		view.showEdited(isEdited());
		view.say("Saved.");
	}
	announce("changed", isOpen && wasNew ? key : null);
}

export async function save() {
	if (!isReady() || view.isBusy() || !kv.may("write"))
		return;
	const target = doc;
	const key = doc.isNew ? view.checkedKey() : doc.key;

	if (key === null || !view.isValid())
		return;
	keep();
	await view.busy(async () => {
		try {
			await store(key, view.text(),
				doc.isNew ? view.newTtl() : timeLeft(doc));
		} catch (error) {
			if (doc !== target)
				view.say(`${key} was not saved. ${error.message}`);
			else if (error.status === 412)
				await showConflict(key);
			else
				throw error;
		}
	});
}

// After a 412 of an action that does not use the edits: shows the current value.
async function showCurrent(target) {
	const { key } = target;

	if (doc !== target)
		return;
	if (isEdited()) {
		await showConflict(key);
		return;
	}
	await openKey(key);
	view.notice("The value was changed. This is the current one.");
	announce("changed");
}

// --- Expiry and deletion ------------------------------------------------------

export function changeExpiry() {
	const target = doc;

	askTtl(target.key, async (seconds) => {
		try {
			if (await write(target, target.key, target.stored, seconds)) {
				keep();
				view.drawFacts(doc);
			}
			view.say(seconds ? "Expiry set." : "Expiry removed.");
			announce("changed");
		} catch (error) {
			if (error.status !== 412)
				throw error;
			await showCurrent(target);
		}
	});
}

export async function remove() {
	const target = doc;
	const { key, etag } = target;
	let wasChanged = false;

	const agreed = await confirm({
		title: `Delete ${key}?`,
		text: "You cannot undo this.",
		action: "Delete key",
		danger: true,
		act: () => kv.removeValue(key, etag).catch((error) => {
			wasChanged = error.status === 412;
			if (!wasChanged && error.status !== 404)
				throw error;
		}),
	});

	if (!agreed)
		return;
	if (wasChanged) {
		await showCurrent(target);
		return;
	}
	view.say(`Deleted ${key}.`);
	announce("changed");
	if (doc === target) {
		drop();
		announce("closed");
	}
}
