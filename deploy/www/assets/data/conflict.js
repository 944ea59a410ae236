// conflict: somebody else was quicker. Both versions side by side, line by line, and
// what can be done about it.

import { make } from "../dom.js";
import { compareLines } from "./diff.js";

function lineOf({ text, isSame }, sign, word) {
	return make("span", { class: isSame ? "same" : "other" },
		make("i", { "aria-hidden": "true" }, isSame ? " " : sign),
		isSame ? null : make("span", { class: "unseen" }, `${word}: `),
		`${text}\n`);
}

function side(id, title, lines, sign) {
	return make("section", { class: "side", "aria-labelledby": `${id}-title` },
		make("h3", { id: `${id}-title` }, title),
		make("pre", { id, tabindex: 0, "aria-labelledby": `${id}-title` },
			...lines.map((line) => lineOf(line, sign, "differs"))));
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
		side("theirs", `Stored now, version ${version}`, left, "−"),
		side("mine", "Yours, not saved", right, "+"));

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
	const lines = mine.split("\n").map((text) => ({ text, isSame: true }));

	return frame("It was deleted meanwhile",
		"Somebody deleted this key, or it expired, while you edited it.",
		make("div", { class: "sides one" },
			side("mine", "Yours, not saved", lines, " ")), trouble,
		button("save-again", "Save mine as a new key", saveAgain),
		button("let-go", "Let it go", letGo, "quiet"),
		button("edit-on", "Edit on", editOn, "quiet"));
}
