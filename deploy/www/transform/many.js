// many: what is seen of a batch on its way: how far it is, which keys failed, and
// what came of the others.

import { make } from "../dom.js";
import { count } from "../format.js";
import { growingPane, shortened } from "./panes.js";
import { wordsOf } from "./one.js";

const shownMost = 200;
const wordsMost = 200;

// --- How far it is ------------------------------------------------------------

export function progressPart() {
	const bar = make("progress", { max: 1, value: 0,
		"aria-label": "Keys that are done" });
	const words = make("p", { class: "under" });
	const element = make("section", { class: "part", id: "progress" }, bar,
		words);
	const seen = { total: 0, done: 0, failed: 0, saved: 0 };

	function take({ name, said }) {
		if (name === "start")
			seen.total = Number(said.total);
		else if (name === "progress")
			seen.done = Math.max(seen.done, Number(said.done));
		else if (name === "done")
			Object.assign(seen, { done: Number(said.done),
				failed: Number(said.failed), saved: Number(said.saved) });
		else if (name === "error")
			seen.failed += said.key !== undefined;
		else if (name === "result")
			seen.saved += said.version !== undefined;
	}

	function draw() {
		bar.max = seen.total || 1;
		bar.value = seen.total ? seen.done : 0;
		bar.className = seen.failed ? "high" : "";
		words.replaceChildren(
			make("span", {}, `${count(seen.done)} of ${
				count(seen.total)} keys`),
			make("span", {}, `${count(seen.failed)} failed`),
			make("span", {}, `${count(seen.saved)} saved`));
	}

	return { element, take, draw };
}

// --- What came of each --------------------------------------------------------

// A list that shows some of many; the first of them, or the last.
function keyList(title, { id, keepsFirst }) {
	const list = make("ul", { class: "keys", tabindex: 0,
		"aria-label": title });
	const words = make("span");
	const element = make("section", { class: "part", id, hidden: true },
		make("h3", {}, title, ": ", words), list);
	let fresh = [], n = 0;

	function add(said, text) {
		n++;
		if (keepsFirst && n > shownMost)
			return;
		fresh.push({ key: JSON.parse(said.key), text });
		if (fresh.length > shownMost)
			fresh.shift();
	}

	function draw() {
		element.hidden = n === 0;
		words.textContent = n <= shownMost ? count(n)
			: `the ${keepsFirst ? "first" : "last"} ${shownMost} of ${
				count(n)}`;
		list.append(...fresh.map(({ key, text }) => make("li", {},
			make("code", {}, key),
			make("span", {}, shortened(text, wordsMost)))));
		while (list.childElementCount > shownMost)
			list.firstElementChild.remove();
		fresh = [];
	}

	return { element, add, draw };
}

export function failuresPart() {
	const list = keyList("Failed", { id: "failed", keepsFirst: true });

	function take({ name, said }) {
		if (name !== "error" || said.key === undefined)
			return;
		const { message } = JSON.parse(said.error);
		const now = said.version === undefined ? ""
			: ` It is in version ${said.version} now.`;

		list.add(said, message + now);
	}

	return { ...list, take };
}

export function resultsPart() {
	const list = keyList("Results", { id: "results", keepsFirst: false });

	function take({ name, said }) {
		if (name !== "result")
			return;
		const notes = [
			said.to ? `saved as ${JSON.parse(said.to)}` : null,
			said.version ? `version ${said.version}` : null,
			...JSON.parse(said.warnings ?? "[]"),
		].filter(Boolean).join(", ");

		list.add(said, notes ? `${shortened(said.value, wordsMost / 2)}`
			+ ` (${notes})` : said.value);
	}

	return { ...list, take };
}

// What a model says of the key that it is at.
export function wordsPart() {
	const pane = growingPane("What the model says");
	const at = make("code");
	const element = make("section", { class: "part", id: "output",
		hidden: true }, make("h3", {}, "Output for ", at), pane.element);
	let key = null;

	function take({ name, said }) {
		if (name !== "chunk")
			return;
		if (said.key !== key) {
			({ key } = said);
			pane.clear();
		}
		pane.add(wordsOf(said));
	}

	function draw() {
		element.hidden = key === null;
		at.textContent = key === null ? "" : JSON.parse(key);
		pane.draw();
	}

	return { element, take, draw };
}
