// saving: what is typed goes over the version that was read, and over no other; so
// do the end of a key's life, which may be chosen, and the end of the key.

import { confirm } from "../dialog.js";
import { pack } from "../json.js";
import { doc, drop, isEdited, isReady, keep, tell } from "./doc.js";
import { dropDraft } from "./drafts.js";
import { openKey } from "./entry.js";
import * as kv from "./kv.js";
import { meet } from "./quicker.js";
import { askTtl } from "./ttl.js";
import * as view from "./view.js";

// What is left of its life; a save may not lengthen it by more than a second.
function timeLeft({ expiresAt }) {
	return expiresAt ? Math.max(1, Math.ceil(kv.secondsUntil(expiresAt))) : null;
}

// False where something else is open by then.
async function write(key, text, ttl) {
	const target = doc;
	const mark = await kv.putValue(key, text, { etag: doc.etag, ttl });

	Object.assign(target, mark, { key, stored: text,
		updatedAt: new Date().toISOString() });
	return doc === target;
}

async function store(key, text, ttl) {
	const wasNew = doc.isNew;
	const isThere = await write(key, pack(text), ttl);

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
	const key = doc.isNew ? view.checkedKey() : doc.key;

	if (key === null || !view.isSound())
		return;
	keep();
	await view.busy(async () => {
		try {
			await store(key, view.text(),
				doc.isNew ? view.newTtl() : timeLeft(doc));
		} catch (error) {
			if (error.status !== 412)
				throw error;
			await meet(key);
		}
	});
}

// What went wrong where only the stored value was meant.
async function overtaken() {
	const { key } = doc;

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
	askTtl(doc.key, async (seconds) => {
		try {
			await write(doc.key, doc.stored, seconds);
			keep();
			view.drawFacts(doc);
			view.say(seconds ? "It will expire." : "It stays.");
			tell.changed(null);
		} catch (error) {
			if (error.status !== 412)
				throw error;
			await overtaken();
		}
	});
}

export async function remove() {
	const { key, etag } = doc;
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
		await overtaken();
		return;
	}
	drop();
	view.say(`Deleted ${key}.`);
	tell.changed(null);
	tell.closed(null);
}
