// results: shows a stream from its first event to the last. Each part takes every
// event, and draws its result once a frame.

import { find, make } from "../dom.js";
import { count, counted } from "../format.js";
import { errorsPart } from "./errors.js";
import { eventLog } from "./log.js";
import { answerPart, failuresPart, progressPart, resultsPart } from "./batch.js";
import { outputPart, resultPart } from "./single.js";
import { duration } from "./duration.js";

const tick = 100;

// The stream that is shown; events of earlier ones are ignored.
let shown = null;

// --- Summary ------------------------------------------------------------------

function fact(name, value) {
	return make("div", {}, make("dt", {}, name), make("dd", {}, value));
}

function tokensFact(text) {
	const tokens = JSON.parse(text);

	return fact("Tokens", `${count(tokens.prompt)} in the prompt, ${
		count(tokens.completion)} in the answer${
		tokens.estimated ? ", estimated" : ""}`);
}

function summaryPart() {
	const element = make("dl", { class: "summary part", id: "summary",
		hidden: true });

	function take({ name, at, members }) {
		if (name !== "done")
			return;
		element.hidden = false;
		element.append(
			fact("Duration", duration(at)),
			fact("Credits", count(Number(members.credits))),
			members.tokens ? tokensFact(members.tokens) : "");
	}

	return { element, take, draw: () => {} };
}

// --- Stream -------------------------------------------------------------------

function partsOf(what) {
	const parts = what.isBatch
		? [progressPart(), errorsPart(what), failuresPart(),
			what.engine === "model" ? answerPart() : null, resultsPart()]
		: [errorsPart(what), outputPart(), resultPart()];

	return [...parts, summaryPart(), eventLog()].filter(Boolean);
}

function say(state, sentence) {
	find("stream").dataset.state = state;
	find("state").textContent = sentence;
}

// The state of a complete stream, and a sentence.
function outcome(summary, isBatch) {
	const [total, done, failed] = ["total", "done", "failed"]
		.map((name) => Number(summary[name]));

	if (!isBatch)
		return failed ? ["failed", "Failed."] : ["done", "Done."];
	if (done < total)
		return ["failed", `Ended after ${count(done)} of ${
			counted(total, "key")}.`];
	return failed ? ["partly", `Done, but ${count(failed)} of ${
		counted(total, "key")} failed.`]
		: ["done", `Done: ${counted(total, "key")}.`];
}

export function clearResults() {
	shown = null;
	say("idle", "No run yet.");
	find("clock").textContent = "";
	find("live").replaceChildren();
}

// what: isBatch, engine, target (the key to save under) and again(), which repeats
// the run.
export function openResults(what) {
	const parts = partsOf(what);
	const began = performance.now();
	const timer = setInterval(showTime, tick);
	const mine = shown = {};
	let frame = null;

	function showTime() {
		if (shown === mine)
			find("clock").textContent = time();
	}

	function time() {
		return duration(performance.now() - began);
	}

	function draw() {
		cancelAnimationFrame(frame);
		frame = null;
		parts.forEach((part) => part.draw());
	}

	// event: name, data, and the members of data as JSON texts.
	function take(event) {
		const at = performance.now() - began;

		if (shown !== mine)
			return;
		parts.forEach((part) => part.take({ ...event, at }));
		if (event.name === "done")
			end(...outcome(event.members, what.isBatch));
		else if (find("stream").dataset.state === "waiting")
			say("running", "Running…");
		frame ??= requestAnimationFrame(draw);
	}

	function end(state, sentence) {
		clearInterval(timer);
		if (shown !== mine)
			return;
		showTime();
		draw();
		say(state, sentence);
	}

	find("live").replaceChildren(...parts.map(({ element }) => element));
	say("waiting", "Waiting…");
	return { take, end, time };
}
