// panes: boxes for text that grows while the user reads it.

import { make } from "../dom.js";
import { count } from "../format.js";

// The number of characters that are shown.
const maxShown = 200000;

// The text, truncated, with its full length.
export function truncated(text, most = maxShown) {
	return text.length <= most ? text
		: `${text.slice(0, most)}… (${count(text.length)} characters)`;
}

// Calls grow, and keeps a box that is scrolled to its end at the end.
export function keepAtEnd(box, grow) {
	const atEnd = box.scrollHeight - box.scrollTop
		- box.clientHeight < 8;

	grow();
	if (atEnd)
		box.scrollTop = box.scrollHeight;
}

// add() takes text, draw() shows it.
export function growingPane(label) {
	const words = document.createTextNode("");
	const rest = make("p", { class: "soft", hidden: true });
	const pane = make("pre", { class: "pane", tabindex: 0,
		"aria-label": label }, words);
	let pending = "", length = 0;

	function add(text) {
		pending += text;
		length += text.length;
	}

	function clear() {
		pending = words.data = "";
		length = 0;
	}

	function draw() {
		if (pending === "")
			return;
		keepAtEnd(pane, () => words.appendData(
			pending.slice(0, maxShown - words.length)));
		pending = "";
		rest.hidden = length <= maxShown;
		rest.textContent = `The first ${count(maxShown)} of`
			+ ` ${count(length)} characters are shown.`;
	}

	return { element: make("div", {}, pane, rest), add, clear, draw };
}
