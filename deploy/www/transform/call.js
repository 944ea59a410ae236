// call: turns the form's choices into a request. The API validates it; only what
// cannot be sent is rejected here.

import { escaped } from "../curl.js";
import { checkJson } from "../jsoncheck.js";
import { engineOf } from "./engines.js";

const maxKeys = 10000;

export function isBatch(choice) {
	return choice.which !== "one";
}

// The text of the chosen engine.
export function textOf(choice) {
	return choice.texts[choice.engine] ?? "";
}

function listed(choice) {
	return choice.keys.split("\n").filter((key) => key !== "");
}

// --- Validation ---------------------------------------------------------------

export function oneProblem({ key }) {
	if (key === "")
		return "Enter a key.";
	return key === "." || key === ".."
		? "This key can only be used in a list." : null;
}

function whichProblem(choice) {
	const n = listed(choice).length;

	switch (choice.which) {
	case "one":
		return ["key", oneProblem(choice)];
	case "pattern":
		return ["pattern", choice.pattern ? null : "Enter a pattern."];
	default:
		if (n > maxKeys)
			return ["keys", "A batch can have up to 10,000 keys."];
		return ["keys", n ? null : "Enter at least one key."];
	}
}

function jsonProblem(text) {
	const { fault } = checkJson(text);

	if (!fault)
		return null;
	return text.includes("\n")
		? `Line ${fault.line}, character ${fault.column}: ${fault.message}`
		: `Character ${fault.column}: ${fault.message}`;
}

function textProblem(choice) {
	const engine = engineOf(choice.engine);

	if (engine.isJson && textOf(choice).trim())
		return jsonProblem(textOf(choice));
	return textOf(choice).trim() ? null : `Enter a ${engine.argument}.`;
}

function numberProblem(text) {
	return text === "" || /^[1-9]\d*$/.test(text) ? null
		: "Enter a whole number of at least 1.";
}

// The first invalid field as [field, sentence], or null.
export function problemOf(choice) {
	const isModel = choice.engine === "model";
	const problems = [
		whichProblem(choice),
		["text", textProblem(choice)],
		["max_tokens", isModel ? numberProblem(choice.max_tokens) : null],
		["if_version", isBatch(choice) ? null
			: numberProblem(choice.if_version)],
	];

	return problems.find(([, sentence]) => sentence !== null) ?? null;
}

// --- Request ------------------------------------------------------------------

// The members of the body as JSON texts; null: the member is left out. JSON from a
// text field is sent as the user typed it.
function membersOf(choice) {
	const engine = engineOf(choice.engine);
	const text = textOf(choice);
	const isModel = engine.name === "model";
	const given = (value) => value === "" ? null : JSON.stringify(value);

	return {
		engine: JSON.stringify(engine.name),
		[engine.argument]: engine.isJson ? text.trim() || null
			: JSON.stringify(text),
		model: isModel ? given(choice.model) : null,
		max_tokens: isModel ? choice.max_tokens || null : null,
		json: isModel && choice.json ? "true" : null,
		pattern: choice.which === "pattern"
			? JSON.stringify(choice.pattern) : null,
		keys: choice.which === "keys"
			? JSON.stringify(listed(choice)) : null,
		if_version: choice.which === "one"
			? choice.if_version || null : null,
		save: choice.save ? "true" : null,
		to: choice.save ? given(choice.to) : null,
	};
}

export function callOf(choice) {
	const members = Object.entries(membersOf(choice))
		.filter(([, text]) => text !== null)
		.map(([name, text]) => `"${name}": ${text}`);

	return {
		method: "POST",
		path: isBatch(choice) ? "/kv/transform/batch"
			: `/kv/${escaped(choice.key)}/transform`,
		body: `{${members.join(", ")}}`,
	};
}
