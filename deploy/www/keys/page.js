// page: the keys of an account, of the mode that is chosen: those that have not
// ended, or those that have, and the risks among the former.

import { mode, usesKeys } from "../api.js";
import { find, make } from "../dom.js";
import { counted } from "../format.js";
import { ask, complain, expectSomebody, open, toLogin } from "../shell.js";
import { create } from "./acts.js";
import { riskPanel, riskyKeys } from "./risks.js";
import { keyRow } from "./row.js";

const pageSize = 25;

let current = []; // all that have not ended
let past = null; // those that have, as far as they were asked for
let cursor = null; // where those go on
let showsPast = false;
let round = 0;

// --- What is asked ------------------------------------------------------------

function page(ended, limit, after) {
	const query = new URLSearchParams({ mode: mode(), ended, limit });

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

// Those that come after the ones that are there; what takes them over.
async function readPast(before = null) {
	const { items, next_cursor: next } = await page(true, pageSize,
		before ? cursor : null);

	return () => {
		past = [...before ?? [], ...items];
		cursor = next;
	};
}

// --- The list -----------------------------------------------------------------

function filterChoice(value, words, isChosen) {
	return make("label", {}, make("input", { type: "radio", name: "filter",
		id: `filter-${value}`, value, checked: isChosen,
		onchange: () => choose(value === "past") }),
	make("span", {}, words));
}

function filter() {
	return make("fieldset", { class: "modes filter" },
		make("legend", { class: "unseen" }, "Which keys to show"),
		filterChoice("current", "Current", !showsPast),
		filterChoice("past", "Ended", showsPast));
}

function emptiness() {
	return showsPast
		? make("p", { class: "soft", id: "empty" },
			`No ${mode()} key has been revoked or has expired.`)
		: make("p", { class: "soft", id: "empty" },
			`There is no ${mode()} key yet. Create one, and a program can`
			+ ` use your ${mode()} data.`);
}

function listPanel() {
	const keys = showsPast ? past : current;
	const more = make("button", { type: "button", class: "second",
		id: "more", onclick: () => again(() => readPast(past)) },
	"Show older ones");

	return make("section", { class: "panel", id: "keys",
		"aria-labelledby": "keys-title" },
	make("div", { class: "beside" },
		make("h2", { id: "keys-title" }, mode() === "test" ? "Test keys"
			: "Live keys"), filter()),
	keys.length ? make("ul", { class: "keys" },
		...keys.map((key) => keyRow(key, done))) : emptiness(),
	showsPast && cursor ? more : null);
}

function summary() {
	const risky = riskyKeys(current);
	const worth = risky ? `, ${risky} worth a look` : "";

	return `${counted(current.length, "key")} for ${mode()} data${worth}.`;
}

// The keyboard stays where it was, or goes to the title when that is gone.
function redraw(...children) {
	const focused = document.activeElement;
	const wasInside = find("content").contains(focused);

	find("content").replaceChildren(...children);
	if (wasInside)
		(find(focused.id) ?? find("title")).focus();
}

function draw() {
	find("summary").textContent = summary();
	find("create").hidden = false;
	redraw(listPanel(), riskPanel(current, done));
	find("content").setAttribute("aria-busy", "false");
}

// --- What happens -------------------------------------------------------------

// A key without the scope admin may not even see the others.
function explainScope(error) {
	find("create").hidden = true;
	redraw(make("div", { class: "trouble", role: "alert", id: "no-admin" },
		make("p", {}, error.message),
		make("p", {}, "Keys are managed with a key that has the scope admin,"
			+ " or by whoever signs in with GitHub."),
		make("button", { type: "button", onclick: () =>
			toLogin({ mode: mode() }) }, "Use another key")));
}

// Reads, takes over what was read, and draws it, unless something else was asked
// for meanwhile.
async function again(read) {
	const mine = ++round;

	find("content").setAttribute("aria-busy", "true");
	try {
		const takeOver = await read();

		if (mine !== round)
			return;
		takeOver();
		draw();
	} catch (error) {
		if (mine !== round)
			return;
		find("content").setAttribute("aria-busy", "false");
		if (error.status === 403 && usesKeys())
			explainScope(error);
		else
			complain(error, load);
	}
}

function choose(whether) {
	showsPast = whether;
	load();
}

function load() {
	return again(async () => {
		const keys = await allCurrent();
		const takeOver = showsPast ? await readPast() : () => {};

		return () => {
			current = keys;
			takeOver();
		};
	});
}

async function done(sentence) {
	await load();
	find("said").textContent = sentence;
}

find("create").addEventListener("click", () => create(done));
// Keys of another mode are not shown until those of this one are there.
open(() => {
	find("said").textContent = find("summary").textContent = "";
	find("content").replaceChildren(make("p", { class: "soft" }, "Loading…"));
	load();
});
expectSomebody();
load();
