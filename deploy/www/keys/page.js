// page: the keys of the chosen mode: the current ones with security suggestions, or
// those that have expired or were revoked.

import { mode, usesKeys } from "../api.js";
import { find, make } from "../dom.js";
import { counted } from "../format.js";
import { redraw } from "../redraw.js";
import { ask, showError, requireLogin, open, goToLogin } from "../shell.js";
import { create } from "./actions.js";
import { riskPanel, riskyKeys } from "./risks.js";
import { keyRow } from "./row.js";

const pageSize = 25;

let current = []; // neither expired nor revoked
let ended = []; // expired or revoked, the pages loaded so far
let cursor = null; // of the next page of those
let showsEnded = false;
let round = 0;

// --- Requests -----------------------------------------------------------------

function page(isEnded, limit, after) {
	const query = new URLSearchParams({ mode: mode(), ended: isEnded, limit });

	if (after)
		query.set("cursor", after);
	return ask("GET", `/api/keys?${query}`);
}

async function allCurrent() {
	const keys = [];
	let after = null;

	do {
		const { items, next_cursor: next } = await page(false, 100, after);

		keys.push(...items);
		after = next;
	} while (after);
	return keys;
}

// Reads the first page, or the one after `before`. Returns a function that stores it.
async function readEnded(before = null) {
	const { items, next_cursor: next } = await page(true, pageSize,
		before ? cursor : null);

	return () => {
		ended = [...before ?? [], ...items];
		cursor = next;
	};
}

// --- The list -----------------------------------------------------------------

function filterChoice(value, words, isChosen) {
	return make("label", {}, make("input", { type: "radio", name: "filter",
		id: `filter-${value}`, value, checked: isChosen,
		onchange: () => choose(value === "ended") }),
	make("span", {}, words));
}

function filter() {
	return make("fieldset", { class: "modes filter" },
		make("legend", { class: "unseen" }, "Keys to show"),
		filterChoice("current", "Current", !showsEnded),
		filterChoice("ended", "Past", showsEnded));
}

function emptyText() {
	return showsEnded
		? make("p", { class: "soft", id: "empty" },
			`No ${mode()} key has expired or was revoked.`)
		: make("p", { class: "soft", id: "empty" },
			`You have no ${mode()} key. Create one so that a program can`
			+ ` use your ${mode()} data.`);
}

function listPanel() {
	const keys = showsEnded ? ended : current;
	const more = make("button", { type: "button", class: "second",
		id: "more", onclick: () => refresh(() => readEnded(ended)) },
	"Show older keys");

	return make("section", { class: "panel", id: "keys",
		"aria-labelledby": "keys-title" },
	make("div", { class: "beside" },
		make("h2", { id: "keys-title" }, mode() === "test" ? "Test keys"
			: "Live keys"), filter()),
	keys.length ? make("ul", { class: "keys" },
		...keys.map((key) => keyRow(key, done))) : emptyText(),
	showsEnded && cursor ? more : null);
}

function summary() {
	const risky = riskyKeys(current);
	const advice = risky ? `, ${risky} with security suggestions` : "";

	return `${counted(current.length, "key")} for ${mode()} data${advice}.`;
}

function draw() {
	find("summary").textContent = summary();
	find("create").hidden = false;
	redraw(listPanel(), riskPanel(current, done));
}

// --- Events -------------------------------------------------------------------

// Without the scope admin a key cannot list keys.
function explainScope(error) {
	find("create").hidden = true;
	redraw(make("div", { class: "trouble", role: "alert", id: "no-admin" },
		make("p", {}, error.message),
		make("p", {}, "To manage keys, use a key with the scope admin or sign"
			+ " in with GitHub."),
		make("button", { type: "button", onclick: () =>
			goToLogin({ mode: mode() }) }, "Use another key")));
}

// Reads, stores the result and draws it, unless a newer call has started.
async function refresh(read) {
	const mine = ++round;

	find("content").setAttribute("aria-busy", "true");
	try {
		const store = await read();

		if (mine !== round)
			return;
		store();
		draw();
	} catch (error) {
		if (mine !== round)
			return;
		find("content").setAttribute("aria-busy", "false");
		if (error.status === 403 && usesKeys())
			explainScope(error);
		else
			showError(error, load);
	}
}

function choose(whether) {
	showsEnded = whether;
	load();
}

function load() {
	return refresh(async () => {
		const keys = await allCurrent();
		const storeEnded = showsEnded ? await readEnded() : () => {};

		return () => {
			current = keys;
			storeEnded();
		};
	});
}

async function done(sentence) {
	await load();
	find("message").textContent = sentence;
}

find("create").addEventListener("click", () => create(done));
// After a change of the mode the old keys disappear at once.
open(() => {
	find("message").textContent = find("summary").textContent = "";
	find("content").replaceChildren(make("p", { class: "soft" }, "Loading…"));
	load();
});
requireLogin();
load();
