// conflict: somebody else was quicker. Both versions side by side, line by line, and
// what can be done about it.

import { make } from "../dom.js";
import { counted } from "../format.js";
import { compareLines } from "./diff.js";

// So many lines are shown whole; of more, those that differ with so many beside.
const most = 2000;
const beside = 3;

function lineOf({ text, isSame }, sign, word) {
	return make("span", { class: isSame ? "same" : "other" },
		make("i", { "aria-hidden": "true" }, isSame ? " " : sign),
		isSame ? null : make("span", { class: "unseen" }, `${word}: `),
		`${text}\n`);
}

// Which of the lines are shown: all, or of a long text those that differ, as far as
// one reads, and those beside them.
function chosen(lines) {
	const places = new Set();
	let left = most;

	if (lines.length <= most)
		return new Set(lines.keys());
	for (const [i, { isSame }] of lines.entries())
		if (!isSame && left-- > 0)
			for (let j = i - beside; j <= i + beside; j++)
				places.add(j);
	return places;
}

function gap(count) {
	return make("span", { class: "gap" }, `… ${counted(count, "line")} …\n`);
}

function linesOf(lines, sign) {
	const shown = chosen(lines);
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

// theirs and mine: texts as they are shown.
export function drawConflict({ version, isNew, theirs, mine, trouble,
	keepMine, takeTheirs, editOn }) {
	const [left, right] = compareLines(theirs, mine);
	const sides = make("div", { class: "sides" },
		side("theirs", `Stored now, version ${version}`,
			...linesOf(left, "−")),
		side("mine", "Yours, not saved", ...linesOf(right, "+")));

	return frame(isNew ? "This key is there already"
		: "Somebody changed it meanwhile",
	isNew ? "Saving yours would go over what is stored."
		: "What you opened is no longer what is stored. Lines that differ are"
			+ " marked.", sides, trouble,
		button("keep-mine", "Keep mine", keepMine),
		button("take-theirs", "Take theirs", takeTheirs, "quiet"),
		button("edit-on", "Edit on", editOn, "quiet"));
}

export function drawDeleted({ mine, trouble, saveAgain, letGo, editOn }) {
	return frame("It was deleted meanwhile",
		"Somebody deleted this key, or it expired, while you edited it.",
		make("div", { class: "sides one" },
			side("mine", "Yours, not saved", mine)), trouble,
		button("save-again", "Save mine as a new key", saveAgain),
		button("let-go", "Let it go", letGo, "quiet"),
		button("edit-on", "Edit on", editOn, "quiet"));
}
