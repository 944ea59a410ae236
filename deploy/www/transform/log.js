// log: each event as it came, with its time since the start.

import { make } from "../dom.js";
import { count } from "../format.js";
import { following, shortened } from "./panes.js";
import { seconds } from "./time.js";

// The last ones stay, and of each so many characters.
const shownMost = 300;
const wordsMost = 300;

function row({ name, at, data }) {
	return make("li", { "data-event": name },
		make("span", { class: "at" }, `+${seconds(at)}`),
		make("b", {}, name),
		make("code", {}, shortened(data, wordsMost)));
}

export function eventLog() {
	const list = make("ol", { class: "log", tabindex: 0,
		"aria-label": "Events" });
	const words = make("span");
	const element = make("section", { class: "part", hidden: true },
		make("h3", {}, "Events: ", words), list);
	let fresh = [], n = 0;

	function take(event) {
		n++;
		fresh.push(event);
		if (fresh.length > shownMost)
			fresh.shift();
	}

	function draw() {
		if (!fresh.length)
			return;
		element.hidden = false;
		following(list, () => {
			list.append(...fresh.map(row));
			while (list.childElementCount > shownMost)
				list.firstElementChild.remove();
		});
		fresh = [];
		words.textContent = n > shownMost
			? `the last ${shownMost} of ${count(n)}` : count(n);
	}

	return { element, take, draw };
}
