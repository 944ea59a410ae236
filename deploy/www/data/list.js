// list: the keys that match a pattern, page by page, and their number. A new pattern
// aborts the requests for the old one.

import { find, make } from "../dom.js";
import { bytes, count, counted, relative } from "../format.js";
import { errorBox } from "../errorbox.js";
import { draftedKeys } from "./drafts.js";
import { emptyStore, noMatch } from "./empty.js";
import * as kv from "./kv.js";

const pageSize = 100;
const maxPageSize = 1000;
const typingPause = 150;

let pattern = "*";
let items = [];
let cursor = null;
let total = null;
let opened = null;
let request = null;
let hrefOf = null;
const trouble = errorBox("list-trouble");

// Text without wildcards is a prefix.
function patternOf(typed) {
	return /[*?\\]/.test(typed) ? typed : `${typed}*`;
}

export function currentPattern() {
	return pattern;
}

// --- Rows ---------------------------------------------------------------------

function metaOf({ bytes: size, updated_at, expires_at }) {
	const words = [bytes(size), relative(updated_at)];

	if (expires_at)
		words.push(`expires ${relative(expires_at)}`);
	return words.map((word) => make("span", {}, word));
}

function row(item, drafts) {
	return make("li", {}, make("a", {
		href: hrefOf(item.key),
		"data-key": item.key,
		title: item.key,
		"aria-current": item.key === opened ? "true" : null,
	},
	make("bdi", { class: "name" }, item.key),
	make("span", { class: "meta" }, ...metaOf(item)),
	drafts.includes(item.key)
		? make("span", { class: "edited" }, "unsaved edits") : null));
}

function rows() {
	return [...find("keys").querySelectorAll("a")];
}

export function mark(key) {
	opened = key;
	for (const link of rows()) {
		if (link.dataset.key === key)
			link.setAttribute("aria-current", "true");
		else
			link.removeAttribute("aria-current");
	}
}

// Moves the focus to the row of a key, or to the first one.
export function focusRow(key = null) {
	const links = rows();
	const link = links.find((one) => one.dataset.key === key) ?? links[0];

	(link ?? find("pattern")).focus();
}

// --- Pages --------------------------------------------------------------------

function showCount() {
	const words = total === null ? "" : counted(total, "key");

	find("how-many").textContent = pattern === "*" ? words
		: total === null ? `Keys that match ${pattern}` : `${words} match${
			total === 1 ? "es" : ""} ${pattern}`;
	find("delete-all").textContent = pattern === "*" ? "Delete all…"
		: "Delete matching…";
	find("export").disabled = !items.length;
	find("delete-all").disabled = !items.length;
	find("shown").textContent = cursor ? `${count(items.length)} shown` : "";
}

function drawState() {
	const isEmpty = items.length === 0 && trouble.element.hidden;

	find("keys").hidden = !items.length;
	find("more").hidden = !cursor;
	find("nothing").replaceChildren(...isEmpty
		? [pattern === "*" ? emptyStore() : noMatch(pattern)] : []);
	showCount();
}

function draw(from = 0) {
	const drafts = draftedKeys();
	const made = items.slice(from).map((item) => row(item, drafts));

	const { key } = document.activeElement.dataset;

	if (from)
		find("keys").append(...made);
	else
		find("keys").replaceChildren(...made);
	drawState();
	if (key && !document.activeElement.dataset.key)
		focusRow(key);
}

function fail(error) {
	if (error.name === "AbortError")
		return;
	if (error.status === 403)
		items = [];
	trouble.show(error, find("again"));
	find("again").hidden = error.status === 403;
	find("trouble").hidden = false;
	draw();
}

function begin() {
	request?.abort();
	request = new AbortController();
	find("browse").setAttribute("aria-busy", "true");
	return request.signal;
}

function end(signal) {
	if (request?.signal === signal)
		find("browse").setAttribute("aria-busy", "false");
}

// The list works without the count: counting a large store may time out.
async function countAll(signal) {
	total = await kv.countKeys(pattern, signal).catch(() => null);
	if (!signal.aborted)
		showCount();
}

// Reads as many keys again as are shown.
export async function refresh() {
	const signal = begin();
	const limit = Math.min(maxPageSize, Math.max(pageSize, items.length));
	const counting = countAll(signal);

	try {
		const page = await kv.listKeys({ pattern, limit, signal });
		items = page.items;
		cursor = page.next_cursor;
		trouble.clear();
		find("trouble").hidden = true;
		draw();
		await counting;
	} catch (error) {
		fail(error);
	} finally {
		end(signal);
	}
}

async function more() {
	const signal = begin();
	const from = items.length;

	try {
		const page = await kv.listKeys({ pattern, cursor, limit: pageSize,
			signal });
		items.push(...page.items);
		cursor = page.next_cursor;
		draw(from);
		rows()[from]?.focus();
	} catch (error) {
		fail(error);
	} finally {
		end(signal);
	}
}

// Shows the keys of another pattern.
export function show(wanted) {
	pattern = wanted;
	items = [];
	total = null;
	return refresh();
}

// Empties the list before it shows the data of another mode.
export function clear() {
	request?.abort();
	items = [];
	total = cursor = null;
	trouble.clear();
	find("trouble").hidden = true;
	draw();
	find("nothing").replaceChildren();
	find("how-many").textContent = "Loading…";
}

// --- Input --------------------------------------------------------------------

function step(event) {
	const links = rows();
	const at = links.indexOf(document.activeElement);
	const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0,
		End: links.length - 1 }[event.key];

	if (to === undefined || at < 0)
		return;
	event.preventDefault();
	(to < 0 ? find("pattern") : links[to])?.focus();
}

// href(key) returns the link to a key. onPattern is called when the user has typed a
// pattern.
export function openList({ href, onPattern }) {
	let timer = null;

	hrefOf = href;
	find("trouble").prepend(trouble.element);
	find("keys").addEventListener("keydown", step);
	find("more").addEventListener("click", more);
	find("again").addEventListener("click", refresh);
	find("pattern").addEventListener("input", () => {
		clearTimeout(timer);
		timer = setTimeout(() =>
			onPattern(patternOf(find("pattern").value)), typingPause);
	});
	find("pattern").addEventListener("keydown", (event) => {
		if (event.key === "ArrowDown" && items.length) {
			event.preventDefault();
			focusRow();
		}
	});
	find("search").addEventListener("submit", (event) => {
		event.preventDefault();
		clearTimeout(timer);
		onPattern(patternOf(find("pattern").value));
	});
}
