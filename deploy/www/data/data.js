// data: the page of the store. The fragment of the URL says what is shown: #key=… an
// open key, #new a new one, pattern=… the keys in the list.

import { mode } from "../api.js";
import { find } from "../dom.js";
import { open as openShell } from "../shell.js";
import { edited, events, isEdited, isOpen, openedKey } from "./doc.js";
import { selectDrafts } from "./drafts.js";
import * as entry from "./entry.js";
import { openExport } from "./export.js";
import { openImport } from "./import.js";
import * as kv from "./kv.js";
import * as list from "./list.js";
import { changeExpiry, remove, save } from "./saving.js";
import * as view from "./view.js";
import { openDeleteAll } from "./deleteall.js";

// The last fragment of each mode, and what is shown now.
const fragments = { live: "", test: "" };
let shownMode = null;
let shownHash = null;
const unknown = { account: "unknown", scopes: null };
let round = 0;

// --- The URL ------------------------------------------------------------------

function read(hash) {
	const parts = new URLSearchParams(hash.slice(1).replaceAll("+", "%2B"));

	return { key: parts.get("key"), isNew: parts.has("new"),
		pattern: parts.get("pattern") || "*" };
}

function hashOf({ key = null, isNew = false, pattern = list.currentPattern() }) {
	const parts = [];

	if (key !== null)
		parts.push(`key=${encodeURIComponent(key)}`);
	if (isNew)
		parts.push("new");
	if (pattern !== "*")
		parts.push(`pattern=${encodeURIComponent(pattern)}`);
	return `#${parts.join("&")}`;
}

function go(hash, how = "pushState") {
	history[how](null, "", hash === "#" ? location.pathname : hash);
	shownHash = location.hash;
}

// --- Navigation ---------------------------------------------------------------

// newKey: the name offered for a new key.
async function showPlace(newKey = "") {
	const { key, isNew } = read(location.hash);

	shownHash = location.hash;
	list.mark(key);
	if (isNew)
		entry.openNew(newKey);
	else if (key !== null)
		await entry.openKey(key);
	else
		entry.putAway();
}

// The fragment changed: by a link, by typing, or by the back button.
async function follow() {
	if (location.hash === shownHash)
		return;
	if (isEdited() && !await entry.mayLeave()) {
		history.pushState(null, "", shownHash || location.pathname);
		return;
	}
	const { pattern } = read(location.hash);

	showPlace();
	if (pattern !== list.currentPattern())
		showPattern(pattern);
}

function showPattern(pattern) {
	find("pattern").value = pattern === "*" ? "" : pattern;
	return list.show(pattern);
}

function search(pattern) {
	const { key, isNew } = read(location.hash);

	if (pattern === list.currentPattern()) {
		list.refresh();
		return;
	}
	go(hashOf({ key, isNew, pattern }), "replaceState");
	list.show(pattern);
}

async function startNew(key) {
	if (!await entry.mayLeave())
		return;
	entry.putAway();
	go(hashOf({ isNew: true }));
	await showPlace(key);
}

function closed(key) {
	go(hashOf({}));
	list.mark(null);
	list.focusRow(key);
}

// created: the name of a key that was created, or null.
function changed(created) {
	if (created !== null) {
		go(hashOf({ key: created }), "replaceState");
		list.mark(created);
	}
	list.refresh();
}

// The open key may have changed too. If it is edited, saving detects that.
function changedMany(words = "") {
	list.refresh();
	if (openedKey() !== null && !isEdited())
		entry.openKey(openedKey());
	find("message").textContent = words;
}

// --- Modes --------------------------------------------------------------------

async function begin() {
	const mine = ++round;

	shownMode = mode();
	selectDrafts(shownMode, unknown.account);
	list.clear();
	const { account, scopes } = await kv.loadIdentity()
		.catch(() => unknown); // The list shows the error.
	if (mine !== round)
		return;
	selectDrafts(shownMode, account);
	kv.useScopes(scopes);
	for (const id of ["new", "import", "delete-all"])
		find(id).hidden = !kv.may("write");
	find("read-only").hidden = kv.may("write");
	const { pattern } = read(location.hash);
	await Promise.all([showPattern(pattern), isOpen() ? null : showPlace()]);
}

// Edits are kept as a draft of the mode that they belong to.
function switchMode() {
	const wasEdited = isEdited();

	entry.putAway();
	fragments[shownMode] = shownHash;
	find("message").textContent = wasEdited
		? `Your edits of ${shownMode} data are kept. Switch back to continue.`
		: "";
	go(fragments[mode()] || "#", "replaceState");
	begin();
}

// --- Keyboard -----------------------------------------------------------------

function press(event) {
	if (document.querySelector("dialog[open]"))
		return;
	if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
		event.preventDefault();
		save();
	} else if (event.key === "Escape" && isOpen()
		&& !(event.target.id === "pattern" && event.target.value)) {
		event.preventDefault();
		entry.close();
	} else if (event.key === "/" && !event.target.matches("input, textarea")) {
		event.preventDefault();
		find("pattern").focus();
	}
}

openShell(switchMode, entry.mayLeave);
list.openList({ href: (key) => hashOf({ key }), onPattern: search });
events.addEventListener("changed", ({ detail }) => changed(detail));
events.addEventListener("closed", ({ detail }) => closed(detail));
events.addEventListener("create", ({ detail }) => startNew(detail));
view.prepare({ save, remove, changeExpiry, changed: edited, close: entry.close,
	revert: entry.revert });
entry.guardUnload();
addEventListener("hashchange", follow);
document.addEventListener("keydown", press);
find("refresh").addEventListener("click", list.refresh);
find("new").addEventListener("click", () => startNew(""));
find("export").addEventListener("click", () =>
	openExport(list.currentPattern()));
find("import").addEventListener("click", () => openImport(changedMany));
find("delete-all").addEventListener("click", () =>
	openDeleteAll(list.currentPattern(), changedMany));
begin();
