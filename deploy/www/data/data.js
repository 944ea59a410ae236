// data: the room of the data. What stands behind # in the address says what is
// looked at: #key=… a key, #new one that is being made, and pattern=… the list.

import { mode } from "../api.js";
import { find } from "../dom.js";
import { open as openShell } from "../shell.js";
import { edited, isEdited, isOpen, openedKey, tell } from "./doc.js";
import { useDraftsOf } from "./drafts.js";
import * as entry from "./entry.js";
import { openExport } from "./export.js";
import { openImport } from "./import.js";
import * as kv from "./kv.js";
import * as list from "./list.js";
import { changeEnd, remove, save } from "./saving.js";
import * as view from "./view.js";
import { openWipe } from "./wipe.js";

// The address of each mode, and the one that is shown.
const places = { live: "", test: "" };
let shownMode = null;
let shownHash = null;
const nobody = { account: "nobody", scopes: null };
let round = 0;

// --- The address --------------------------------------------------------------

function read(hash) {
	const said = new URLSearchParams(hash.slice(1).replaceAll("+", "%2B"));

	return { key: said.get("key"), isNew: said.has("new"),
		pattern: said.get("pattern") || "*" };
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

// --- What is looked at --------------------------------------------------------

async function showPlace(offered = "") {
	const { key, isNew } = read(location.hash);

	shownHash = location.hash;
	list.mark(key);
	if (isNew)
		entry.openNew(offered);
	else if (key !== null)
		await entry.openKey(key);
	else
		entry.putAway();
}

// The address changed: by a link, by hand, or by going back.
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

async function startNew(key = "") {
	if (!await entry.mayLeave())
		return;
	entry.putAway();
	go(hashOf({ isNew: true }));
	await showPlace(typeof key === "string" ? key : "");
}

function closed(key) {
	go(hashOf({}));
	list.mark(null);
	list.focusRow(key);
}

// made: the key that is there since now.
function changed(made) {
	if (made !== null) {
		go(hashOf({ key: made }), "replaceState");
		list.mark(made);
	}
	list.refresh();
}

// What is open may be another by now; what is edited finds out when it is saved.
function changedMany(words = "") {
	list.refresh();
	if (openedKey() !== null && !isEdited())
		entry.openKey(openedKey());
	find("said").textContent = words;
}

// --- Modes --------------------------------------------------------------------

async function begin() {
	const mine = ++round;

	shownMode = mode();
	useDraftsOf(shownMode, nobody.account);
	list.clear();
	const { account, scopes } = await kv.learnWho()
		.catch(() => nobody); // The list says what is wrong.
	if (mine !== round)
		return;
	useDraftsOf(shownMode, account);
	kv.useScopes(scopes);
	for (const id of ["new", "import", "wipe"])
		find(id).hidden = !kv.may("write");
	find("read-only").hidden = kv.may("write");
	const { pattern } = read(location.hash);
	await Promise.all([showPattern(pattern), isOpen() ? null : showPlace()]);
}

// What was edited stays with the data that it belongs to.
function switchMode() {
	const wasEdited = isEdited();

	entry.putAway();
	places[shownMode] = shownHash;
	find("said").textContent = wasEdited
		? `Your edits of ${shownMode} data are kept: switch back to go on.` : "";
	go(places[mode()] || "#", "replaceState");
	begin();
}

// --- By hand ------------------------------------------------------------------

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
Object.assign(tell, { changed, closed, save, asked: startNew });
view.prepare({ save, remove, changeEnd, changed: edited, close: entry.close,
	revert: entry.revert });
entry.guard();
addEventListener("hashchange", follow);
document.addEventListener("keydown", press);
find("refresh").addEventListener("click", list.refresh);
find("new").addEventListener("click", () => startNew());
find("export").addEventListener("click", () =>
	openExport(list.currentPattern()));
find("import").addEventListener("click", () => openImport(changedMany));
find("wipe").addEventListener("click", () =>
	openWipe(list.currentPattern(), changedMany));
begin();
