// panes: texts that grow while one looks at them, as long as they may get.

import { make } from "../dom.js";
import { count } from "../format.js";

// Characters of a text that are shown.
const shownMost = 200000;

// As much of a text as is shown, and a word on the rest.
export function shortened(text, most = shownMost) {
	return text.length <= most ? text
		: `${text.slice(0, most)}… (${count(text.length)} characters)`;
}

// Does what makes the place longer; who reads its end goes on reading the end.
export function following(place, grow) {
	const atEnd = place.scrollHeight - place.scrollTop
		- place.clientHeight < 8;

	grow();
	if (atEnd)
		place.scrollTop = place.scrollHeight;
}

// add() takes what is new, draw() shows it.
export function growingPane(label) {
	const words = document.createTextNode("");
	const rest = make("p", { class: "soft", hidden: true });
	const pane = make("pre", { class: "pane", tabindex: 0,
		"aria-label": label }, words);
	let fresh = "", length = 0;

	function add(text) {
		fresh += text;
		length += text.length;
	}

	function clear() {
		fresh = words.data = "";
		length = 0;
	}

	function draw() {
		if (fresh === "")
			return;
		following(pane, () => words.appendData(
			fresh.slice(0, shownMost - words.length)));
		fresh = "";
		rest.hidden = length <= shownMost;
		rest.textContent = `Of ${count(length)} characters the first`
			+ ` ${count(shownMost)} are shown.`;
	}

	return { element: make("div", {}, pane, rest), add, clear, draw };
}
