// batch: shows a batch: its progress, the failed keys and the results of the others.

import { make } from "../dom.js";
import { count } from "../format.js";
import { growingPane, truncated } from "./panes.js";
import { chunkText } from "./single.js";

const maxItems = 200;
const maxLength = 200;

// --- Progress -----------------------------------------------------------------

export function progressPart() {
	const bar = make("progress", { max: 1, value: 0,
		"aria-label": "Keys done" });
	const words = make("p", { class: "under" });
	const element = make("section", { class: "part", id: "progress" }, bar,
		words);
	const seen = { total: 0, done: 0, failed: 0, saved: 0 };

	function take({ name, members }) {
		if (name === "start")
			seen.total = Number(members.total);
		else if (name === "progress")
			seen.done = Math.max(seen.done, Number(members.done));
		else if (name === "done")
			Object.assign(seen, { done: Number(members.done),
				failed: Number(members.failed), saved: Number(members.saved) });
		else if (name === "error")
			seen.failed += members.key !== undefined;
		else if (name === "result")
			seen.saved += members.version !== undefined;
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

// --- Results ------------------------------------------------------------------

// A list of keys that shows the first or the last ones of many.
function keyList(title, { id, keepsFirst }) {
	const list = make("ul", { class: "keys", tabindex: 0,
		"aria-label": title });
	const words = make("span");
	const element = make("section", { class: "part", id, hidden: true },
		make("h3", {}, title, ": ", words), list);
	let pending = [], n = 0;

	function add(members, text) {
		n++;
		if (keepsFirst && n > maxItems)
			return;
		pending.push({ key: JSON.parse(members.key), text });
		if (pending.length > maxItems)
			pending.shift();
	}

	function draw() {
		element.hidden = n === 0;
		words.textContent = n <= maxItems ? count(n)
			: `the ${keepsFirst ? "first" : "last"} ${maxItems} of ${
				count(n)}`;
		list.append(...pending.map(({ key, text }) => make("li", {},
			make("code", {}, key),
			make("span", {}, truncated(text, maxLength)))));
		while (list.childElementCount > maxItems)
			list.firstElementChild.remove();
		pending = [];
	}

	return { element, add, draw };
}

export function failuresPart() {
	const list = keyList("Failed", { id: "failed", keepsFirst: true });

	function take({ name, members }) {
		if (name !== "error" || members.key === undefined)
			return;
		const { message } = JSON.parse(members.error);
		const current = members.version === undefined ? ""
			: ` The current version is ${members.version}.`;

		list.add(members, message + current);
	}

	return { ...list, take };
}

export function resultsPart() {
	const list = keyList("Results", { id: "results", keepsFirst: false });

	function take({ name, members }) {
		if (name !== "result")
			return;
		const notes = [
			members.to ? `saved as ${JSON.parse(members.to)}` : null,
			members.version ? `version ${members.version}` : null,
			...JSON.parse(members.warnings ?? "[]"),
		].filter(Boolean).join(", ");

		list.add(members, notes ? `${truncated(members.value, maxLength / 2)}`
			+ ` (${notes})` : members.value);
	}

	return { ...list, take };
}

// The model's answer for the current key.
export function answerPart() {
	const pane = growingPane("Answer of the model");
	const at = make("code");
	const element = make("section", { class: "part", id: "output",
		hidden: true }, make("h3", {}, "Output for ", at), pane.element);
	let key = null;

	function take({ name, members }) {
		if (name !== "chunk")
			return;
		if (members.key !== key) {
			({ key } = members);
			pane.clear();
		}
		pane.add(chunkText(members));
	}

	function draw() {
		element.hidden = key === null;
		at.textContent = key === null ? "" : JSON.parse(key);
		pane.draw();
	}

	return { element, take, draw };
}
