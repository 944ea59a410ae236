// errors: shows errors that arrive as events, and what the user can do about them.

import { make } from "../dom.js";
import { storedValue } from "./keys.js";

// The title by error code.
const titles = {
	timeout: "Timed out",
	too_large: "Too large",
	bad_gateway: "The model failed",
	unavailable: "Unavailable",
	quota_exceeded: "No credits left",
	storage_full: "Not saved",
};

// Whether the key was changed during the run. A failed test of a patch has the same
// code, with details.
function wasChanged({ code, details }) {
	return code === "conflict" && !details;
}

function changeText(target, version) {
	return version === undefined
		? `${target} was deleted during the run.`
		: `${target} was changed during the run and now has version ${
			version}. It was not overwritten.`;
}

function textOf({ message, details }) {
	return details ? `${message}\n${details.field}: ${details.problem}.`
		: message;
}

function showCurrent(target, version, place) {
	return make("button", { type: "button", class: "quiet",
		onclick: async () => {
			const { elements } = await storedValue(target);
			place.replaceChildren(...elements);
		} }, `Show version ${version}`);
}

// Shows the errors of a single value, and those that end a batch; the failed keys of
// a batch have a list of their own. target: the key to save under. again: repeats
// the run.
export function errorsPart({ isBatch, target, again }) {
	const element = make("div", { class: "part", id: "errors",
		hidden: true });
	const pending = [];

	function take({ name, members }) {
		if (name === "error" && !(isBatch && members.key !== undefined))
			pending.push(members);
	}

	function box(members) {
		const error = JSON.parse(members.error);
		const changed = wasChanged(error);
		const current = make("div");

		return make("div", { class: "trouble" },
			make("div", { role: "alert" },
				make("strong", {}, changed ? "Not saved"
					: titles[error.code] ?? "Failed"),
				make("p", { class: "words" }, changed
					? changeText(target, members.version)
					: textOf(error))),
			make("p", { class: "line" },
				changed && members.version !== undefined
					? showCurrent(target, members.version, current) : null,
				make("button", { type: "button", class: "quiet",
					onclick: again }, "Run again")),
			current);
	}

	function draw() {
		element.append(...pending.splice(0).map(box));
		element.hidden = !element.childElementCount;
	}

	return { element, take, draw };
}
