// conflictview: shows a conflict: the stored and the edited value side by side, and
// the ways to resolve it.

import { make } from "../dom.js";
import { counted } from "../format.js";
import { compareLines } from "./compare.js";

// A longer text is reduced to lines that differ and some context lines around them.
const mostLines = 2000;
const context = 3;

function lineOf({ text, isSame }, sign, word) {
	return make("span", { class: isSame ? "same" : "other" },
		make("i", { "aria-hidden": "true" }, isSame ? " " : sign),
		isSame ? null : make("span", { class: "unseen" }, `${word}: `),
		`${text}\n`);
}

// The indexes of the lines that are shown.
function shownLines(lines) {
	const places = new Set();
	let left = mostLines;

	if (lines.length <= mostLines)
		return new Set(lines.keys());
	for (const [i, { isSame }] of lines.entries())
		if (!isSame && left-- > 0)
			for (let j = i - context; j <= i + context; j++)
				places.add(j);
	return places;
}

function gap(count) {
	return make("span", { class: "gap" }, `… ${counted(count, "line")} …\n`);
}

function linesOf(lines, sign) {
	const shown = shownLines(lines);
	const elements = [];
	let hidden = 0;

	for (const [i, line] of lines.entries()) {
		if (!shown.has(i)) {
			hidden++;
			continue;
		}
		if (hidden)
			elements.push(gap(hidden));
		hidden = 0;
		elements.push(lineOf(line, sign, "differs"));
	}
	return hidden ? [...elements, gap(hidden)] : elements;
}

function side(id, title, ...text) {
	return make("section", { class: "side", "aria-labelledby": `${id}-title` },
		make("h3", { id: `${id}-title` }, title),
		make("pre", { id, tabindex: 0, "aria-labelledby": `${id}-title` },
			...text));
}

function button(id, words, act, kind = null) {
	return make("button", { type: "button", id, class: kind, onclick: act },
		words);
}

function frame(title, text, sides, trouble, ...choices) {
	return make("div", { class: "conflict", role: "group",
		"aria-labelledby": "conflict-title" },
	make("h3", { id: "conflict-title", tabindex: -1 }, title),
	make("p", {}, text), sides, trouble,
	make("p", { class: "bar-of-choices" }, ...choices));
}

// theirs and mine are formatted texts.
export function drawConflict({ version, isNew, theirs, mine, trouble,
	keepMine, takeTheirs, keepEditing }) {
	const [left, right] = compareLines(theirs, mine);
	const sides = make("div", { class: "sides" },
		side("theirs", `Current value, version ${version}`,
			...linesOf(left, "−")),
		side("mine", "Your edits, not saved", ...linesOf(right, "+")));

	return frame(isNew ? "This key already exists"
		: "This value was changed",
	isNew ? "Saving your value would replace the current one."
		: "The value was changed after you opened it. Lines that differ are"
			+ " marked.", sides, trouble,
		button("keep-mine", "Save my edits", keepMine),
		button("take-theirs", "Use current value", takeTheirs, "quiet"),
		button("keep-editing", "Keep editing", keepEditing, "quiet"));
}

export function drawDeleted({ mine, trouble, saveAgain, discard, keepEditing }) {
	return frame("This key was deleted",
		"The key was deleted, or it expired, while you edited it.",
		make("div", { class: "sides one" },
			side("mine", "Your edits, not saved", mine)), trouble,
		button("save-again", "Save as new key", saveAgain),
		button("discard", "Discard edits", discard, "quiet"),
		button("keep-editing", "Keep editing", keepEditing, "quiet"));
}
