// field: what fields of a dialog have in common. A field is { name, element, read,
// showProblem }. read() returns the value or throws a FieldError; showProblem() shows
// a sentence below the field, or removes it if the sentence is null.

import { make } from "./dom.js";

export class FieldError extends Error {}

// The line below a field that shows what is wrong. controls are marked as invalid.
// show() moves the focus to the first of them, note() leaves it where it is.
export function problemLine(name, controls) {
	const element = make("p", { class: "problem", id: `${name}-problem`,
		role: "alert", hidden: true });

	function note(sentence) {
		element.textContent = sentence ?? "";
		element.hidden = !sentence;
		for (const control of controls)
			control.setAttribute("aria-invalid", sentence ? "true"
				: "false");
	}

	function show(sentence) {
		note(sentence);
		if (sentence)
			controls[0].focus();
	}

	return { element, note, show };
}

// The API describes the problem of a field as "must be ...", or in a sentence.
export function sentenceOf(problem) {
	const text = problem.replace(/\.$/, "");

	return /^[a-z]/.test(text) ? `This ${text}.` : `${text}.`;
}
