// ask: what was chosen, as the call that it stands for. The API judges it: only
// what could not be sent is refused here.

import { escaped } from "../curl.js";
import { checkJson } from "../jsoncheck.js";
import { engineOf } from "./engines.js";

const keysMost = 10000;

export function isBatch(choice) {
	return choice.which !== "one";
}

// The text of the engine that is chosen.
export function textOf(choice) {
	return choice.texts[choice.engine] ?? "";
}

function listed(choice) {
	return choice.keys.split("\n").filter((key) => key !== "");
}

// --- What cannot be sent ------------------------------------------------------

export function oneProblem({ key }) {
	if (key === "")
		return "Which key?";
	return key === "." || key === ".."
		? "This key is reached by a list only." : null;
}

function whichProblem(choice) {
	const n = listed(choice).length;

	switch (choice.which) {
	case "one":
		return ["key", oneProblem(choice)];
	case "pattern":
		return ["pattern", choice.pattern ? null : "Which keys?"];
	default:
		if (n > keysMost)
			return ["keys", "A batch takes 10,000 keys at most."];
		return ["keys", n ? null : "Which keys?"];
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
	return textOf(choice).trim() ? null : `The ${engine.argument} is missing.`;
}

function numberProblem(text) {
	return text === "" || /^[1-9]\d*$/.test(text) ? null
		: "This is a whole number from 1 on.";
}

// The first field at fault and a sentence: [field, sentence]; null: all is well.
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

// --- What is sent -------------------------------------------------------------

// Each as the text that it is in JSON; null: it is left out. What was typed as
// JSON goes as it was typed.
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
