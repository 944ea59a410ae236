// single: shows the transform of one value: the output of the engine and the result.

import { copyButton } from "../copy.js";
import { make } from "../dom.js";
import { layout } from "../json.js";
import { growingPane, truncated } from "./panes.js";

// The text that a chunk adds to the output: a piece of a model's answer, or a value.
export function chunkText({ delta, value }) {
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

	// A single output is the result itself and is not shown twice.
	function take({ name, members }) {
		if (name === "chunk") {
			areValues = members.value !== undefined;
			element.hidden = false;
			pane.add(chunkText(members));
		} else if (name === "result") {
			element.hidden = element.hidden
				|| areValues && members.outputs === "1";
		}
	}

	return { element, take, draw: pane.draw };
}

// Where the result was saved, or null.
function savedText({ version, to }) {
	if (version === undefined)
		return null;
	return make("p", { class: "saved" }, "Saved",
		...(to ? [" as ", make("code", {}, JSON.parse(to))] : []),
		", version ", make("b", {}, version), ".");
}

function warnings(members) {
	return JSON.parse(members.warnings ?? "[]").map((text) =>
		make("p", { class: "warning high", role: "alert" }, text));
}

export function resultPart() {
	const element = make("section", { class: "part", id: "result",
		hidden: true });
	let members = null;

	function take(event) {
		if (event.name === "result")
			({ members } = event);
	}

	function draw() {
		if (members === null || !element.hidden)
			return;
		const text = layout(members.value);

		element.hidden = false;
		element.replaceChildren(
			make("div", { class: "head" }, make("h3", {}, "Result"),
				copyButton(text, "Copy result")),
			...warnings(members),
			make("pre", { class: "pane", tabindex: 0,
				"aria-label": "Result" }, truncated(text)),
			savedText(members) ?? "");
	}

	return { element, take, draw };
}
