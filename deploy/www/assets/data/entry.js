// entry: the key that is open, or the one that is being made. What is typed is kept
// as a draft until it is saved or let go; what is saved goes over the version that
// was read, and over no other.

import { confirm } from "../dialog.js";
import { layout, pack } from "../json.js";
import { leaves } from "../shell.js";
import { drawConflict, drawDeleted } from "./conflict.js";
import { draftOf, dropDraft, keepDraft } from "./drafts.js";
import { laidOut } from "./editor.js";
import * as kv from "./kv.js";
import { askTtl } from "./ttl.js";
import * as view from "./view.js";

const pause = 250;

// { key, isNew, stored, shown, etag, expiresAt, updatedAt }: stored is the text as
// the store has it, shown what the editor showed before one typed.
let doc = null;
let timer = null;
let loading = null;
let told = null;

// tellers: changed(), closed(key), asked(key) for another key to open.
export function openEntry(tellers) {
	told = tellers;
	view.prepare({ save, remove, revert, close, changeEnd, changed: edited });
	addEventListener("pagehide", keep);
	addEventListener("beforeunload", (event) => {
		keep();
		if (isEdited() && !leaves())
			event.preventDefault();
	});
}

export function isOpen() {
	return doc !== null;
}

export function openedKey() {
	return doc?.isNew ? null : doc?.key ?? null;
}

// Whether there is something to edit: a key that is on its way has no version.
function isReady() {
	return doc !== null && doc.etag !== undefined;
}

export function isEdited() {
	return isReady() && (view.text() !== doc.shown
		|| doc.isNew && view.newKey() !== "");
}

// --- Drafts -------------------------------------------------------------------

const draftName = () => doc.isNew ? "" : doc.key;

function keep() {
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

function edited() {
	view.showEdited(isEdited());
	timer ??= setTimeout(keep, pause);
}

function forget() {
	clearTimeout(timer);
	timer = null;
	dropDraft(draftName());
}

// Nothing is open any more, and nothing of it is kept.
function drop() {
	forget();
	doc = null;
	view.clear();
}

// Whether the page may go on to something else: what is not saved is asked after,
// and then let go.
export async function mayLeave() {
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

// --- Opening ------------------------------------------------------------------

function take(value) {
	const shown = layout(value.text);

	doc = { ...value, isNew: false, stored: value.text, shown };
	view.draw(doc);
	view.write(shown);
}

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
		view.drawMissing(key, () => told.asked(key));
		return;
	}
	doc = { key, isNew: false, stored: null, shown: "", etag: draft.etag };
	view.draw(doc);
	view.write(draft.text);
	deleted();
}

// Shows a key; the promise is kept when it is there, or what is wrong.
export async function openKey(key) {
	loading?.abort();
	loading = new AbortController();
	const { signal } = loading;
	const draft = draftOf(key);

	doc = { key, isNew: false };
	view.say("");
	view.drawLoading(key);
	if (!kv.hasAddress(key)) {
		view.drawUnreachable(key);
		return;
	}
	try {
		const value = await kv.getValue(key, signal);
		take(value);
		if (draft && kv.may("write"))
			restore(draft);
		if (document.activeElement === document.body)
			view.focus();
	} catch (error) {
		if (error.name === "AbortError")
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

	doc = { key: "", isNew: true, stored: null, shown: "", etag: null };
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
	doc = null;
	view.clear();
}

export async function close() {
	const key = doc?.key;

	if (!await mayLeave())
		return;
	putAway();
	told.closed(key);
}

async function revert() {
	const { key, isNew } = doc;

	forget();
	if (isNew)
		openNew();
	else
		await openKey(key);
}

// --- Saving -------------------------------------------------------------------

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
	told.changed(isThere && wasNew ? key : null);
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
			await conflict(key);
		}
	});
}

// --- When somebody was quicker ------------------------------------------------

async function conflict(key) {
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
		deleted();
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
		take(theirs);
		view.say("Somebody saved just the same.");
		return;
	}
	const go = (act) => () => {
		if (doc.isNew) {
			dropDraft("");
			told.changed(theirs.key);
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
		keepMine: go(save),
		takeTheirs: go(() => {
			forget();
			take(theirs);
			told.changed(null);
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

function deleted() {
	view.conflict((trouble) => drawDeleted({
		mine: laidOut(view.text()),
		trouble,
		saveAgain: asNew(save),
		letGo: () => {
			const { key } = doc;
			drop();
			told.changed(null);
			told.closed(key);
		},
		editOn: asNew(() => {
			view.endConflict();
			view.notice("Saving now makes the key again.");
		}),
	}));
}

// What went wrong where only the stored value was meant.
async function overtaken() {
	const { key } = doc;

	if (isEdited()) {
		await conflict(key);
		return;
	}
	await openKey(key);
	view.notice("Somebody changed it meanwhile: this is what is stored now.");
	told.changed(null);
}

// --- Its end ------------------------------------------------------------------

function changeEnd() {
	askTtl(doc.key, async (seconds) => {
		try {
			await write(doc.key, doc.stored, seconds);
			keep();
			view.drawFacts(doc);
			view.say(seconds ? "It will expire." : "It stays.");
			told.changed(null);
		} catch (error) {
			if (error.status !== 412)
				throw error;
			await overtaken();
		}
	});
}

async function remove() {
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
	told.changed(null);
	told.closed(null);
}
