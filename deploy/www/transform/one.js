// one: what is seen of a single value on its way: what the engine puts out, and
// what came of it.

import { copyButton } from "../copy.js";
import { make } from "../dom.js";
import { layout } from "../json.js";
import { growingPane, shortened } from "./panes.js";

// What a chunk adds to the output: a model's words, or another value on a line.
export function wordsOf({ delta, value }) {
	return delta === undefined ? `${layout(value)}\n` : JSON.parse(delta);
}

function part(title, ...children) {
	return make("section", { class: "part" }, make("h3", {}, title),
		...children);
}

export function outputPart() {
	const pane = growingPane("Output");
	const element = part("Output", pane.element);

	let areValues = false;

	element.id = "output";
	element.hidden = true;

	// A single value is the result itself.
	function take({ name, said }) {
		if (name === "chunk") {
			areValues = said.value !== undefined;
			element.hidden = false;
			pane.add(wordsOf(said));
		} else if (name === "result") {
			element.hidden = element.hidden
				|| areValues && said.outputs === "1";
		}
	}

	return { element, take, draw: pane.draw };
}

// Where it was saved, if it was.
function savedWords({ version, to }) {
	if (version === undefined)
		return null;
	return make("p", { class: "saved" }, "Saved",
		...(to ? [" as ", make("code", {}, JSON.parse(to))] : []),
		" in version ", make("b", {}, version), ".");
}

function warnings(said) {
	return JSON.parse(said.warnings ?? "[]").map((text) =>
		make("p", { class: "warning high", role: "alert" }, text));
}

export function resultPart() {
	const element = make("section", { class: "part", id: "result",
		hidden: true });
	let said = null;

	function take(event) {
		if (event.name === "result")
			({ said } = event);
	}

	function draw() {
		if (said === null || !element.hidden)
			return;
		const text = layout(said.value);

		element.hidden = false;
		element.replaceChildren(
			make("div", { class: "head" }, make("h3", {}, "Result"),
				copyButton(text, "Copy the result")),
			...warnings(said),
			make("pre", { class: "pane", tabindex: 0,
				"aria-label": "Result" }, shortened(text)),
			savedWords(said) ?? "");
	}

	return { element, take, draw };
}
