// saving: what is typed goes over the version that was read, and over no other; so
// do the end of a key's life, which may be chosen, and the end of the key.

import { secondsUntil } from "../clock.js";
import { confirm } from "../dialog.js";
import { pack } from "../json.js";
import { doc, drop, isEdited, isReady, keep, tell } from "./doc.js";
import { dropDraft } from "./drafts.js";
import { openKey } from "./entry.js";
import * as kv from "./kv.js";
import { meet } from "./quicker.js";
import { askTtl } from "./ttl.js";
import * as view from "./view.js";

// What is left of its life; a save may not lengthen it by more than seconds.
function timeLeft({ expiresAt }) {
	return expiresAt ? Math.max(1, Math.ceil(secondsUntil(expiresAt))) : null;
}

// False where something else is open by then.
async function write(target, key, text, ttl) {
	const mark = await kv.putValue(key, text, { etag: target.etag, ttl });

	Object.assign(target, mark, { key, stored: text,
		updatedAt: new Date().toISOString() });
	return doc === target;
}

async function store(key, text, ttl) {
	const wasNew = doc.isNew;
	const isThere = await write(doc, key, pack(text), ttl);

	if (wasNew)
		dropDraft("");
	if (isThere) {
		doc.isNew = false;
		doc.shown = text;
		keep();
		view.drawSaved(doc, wasNew);
		view.showEdited(isEdited());
		view.say(`Saved as version ${kv.versionOf(doc.etag)}.`);
	}
	tell.changed(isThere && wasNew ? key : null);
}

export async function save() {
	if (!isReady() || view.isBusy() || !kv.may("write"))
		return;
	const target = doc;
	const key = doc.isNew ? view.checkedKey() : doc.key;

	if (key === null || !view.isSound())
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
				await meet(key);
			else
				throw error;
		}
	});
}

// What went wrong where only the stored value was meant.
async function overtaken(target) {
	const { key } = target;

	if (doc !== target)
		return;
	if (isEdited()) {
		await meet(key);
		return;
	}
	await openKey(key);
	view.notice("Somebody changed it meanwhile: this is what is stored now.");
	tell.changed(null);
}

// --- Its end ------------------------------------------------------------------

export function changeEnd() {
	const target = doc;

	askTtl(target.key, async (seconds) => {
		try {
			if (await write(target, target.key, target.stored, seconds)) {
				keep();
				view.drawFacts(doc);
			}
			view.say(seconds ? "It will expire." : "It stays.");
			tell.changed(null);
		} catch (error) {
			if (error.status !== 412)
				throw error;
			await overtaken(target);
		}
	});
}

export async function remove() {
	const target = doc;
	const { key, etag } = target;
	let wasQuicker = false;

	const agreed = await confirm({
		title: `Delete ${key}?`,
		text: "It is gone for good.",
		action: "Delete",
		danger: true,
		act: () => kv.removeValue(key, etag).catch((error) => {
			wasQuicker = error.status === 412;
			if (!wasQuicker && error.status !== 404)
				throw error;
		}),
	});

	if (!agreed)
		return;
	if (wasQuicker) {
		await overtaken(target);
		return;
	}
	view.say(`Deleted ${key}.`);
	tell.changed(null);
	if (doc === target) {
		drop();
		tell.closed(null);
	}
}
