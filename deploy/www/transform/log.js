// log: the list of events, each with its time since the start.

import { make } from "../dom.js";
import { count } from "../format.js";
import { keepAtEnd, truncated } from "./panes.js";
import { duration } from "./duration.js";

// The number of events kept, and the characters shown of each.
const maxEvents = 300;
const maxLength = 300;

function row({ name, at, data }) {
	return make("li", { "data-event": name },
		make("span", { class: "at" }, `+${duration(at)}`),
		make("b", {}, name),
		make("code", {}, truncated(data, maxLength)));
}

export function eventLog() {
	const list = make("ol", { class: "log", tabindex: 0,
		"aria-label": "Events" });
	const words = make("span");
	const element = make("section", { class: "part", hidden: true },
		make("h3", {}, "Events: ", words), list);
	let pending = [], n = 0;

	function take(event) {
		n++;
		pending.push(event);
		if (pending.length > maxEvents)
			pending.shift();
	}

	function draw() {
		if (!pending.length)
			return;
		element.hidden = false;
		keepAtEnd(list, () => {
			list.append(...pending.map(row));
			while (list.childElementCount > maxEvents)
				list.firstElementChild.remove();
		});
		pending = [];
		words.textContent = n > maxEvents
			? `the last ${maxEvents} of ${count(n)}` : count(n);
	}

	return { element, take, draw };
}
