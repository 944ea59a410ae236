// faults: errors that come as events: what failed, and what can be done about it.

import { make } from "../dom.js";
import { storedValue } from "./keys.js";

// What the message alone does not say.
const titles = {
	timeout: "It took too long.",
	too_large: "It was too much.",
	bad_gateway: "The model failed.",
	unavailable: "It cannot go on.",
	quota_exceeded: "The credits are used up.",
	storage_full: "It was not saved.",
};

// Somebody was quicker; a patch whose own test fails is told by its field.
function isLost({ code, details }) {
	return code === "conflict" && !details;
}

function lostWords(target, version) {
	return version === undefined
		? `${target} was deleted while this ran.`
		: `${target} was changed while this ran. It is in version ${
			version} now, and was left as it is.`;
}

function wordsOf({ message, details }) {
	return details ? `${message}\n${details.field}: ${details.problem}.`
		: message;
}

function showOther(target, version, place) {
	return make("button", { type: "button", class: "quiet",
		onclick: async () => {
			const { elements } = await storedValue(target);
			place.replaceChildren(...elements);
		} }, `Show version ${version}`);
}

// Those of a single value, and what ends a batch: its keys have a list of their
// own. target: the key that it was to be saved under; again: runs it once more.
export function faultsPart({ isBatch, target, again }) {
	const element = make("div", { class: "part", id: "faults",
		hidden: true });
	const fresh = [];

	function take({ name, said }) {
		if (name === "error" && !(isBatch && said.key !== undefined))
			fresh.push(said);
	}

	function box(said) {
		const error = JSON.parse(said.error);
		const lost = isLost(error);
		const other = make("div");

		return make("div", { class: "trouble" },
			make("div", { role: "alert" },
				make("strong", {}, lost ? "It was not saved."
					: titles[error.code] ?? "It failed."),
				make("p", { class: "words" }, lost
					? lostWords(target, said.version)
					: wordsOf(error))),
			make("p", { class: "line" },
				lost && said.version !== undefined
					? showOther(target, said.version, other) : null,
				make("button", { type: "button", class: "quiet",
					onclick: again }, "Run it again")),
			other);
	}

	function draw() {
		element.append(...fresh.splice(0).map(box));
		element.hidden = !element.childElementCount;
	}

	return { element, take, draw };
}
