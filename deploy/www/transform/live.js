// live: a stream as it is seen, from its first event to its last. Its parts take
// each event and draw what they made of it, all of them once a frame.

import { find, make } from "../dom.js";
import { count, counted } from "../format.js";
import { faultsPart } from "./faults.js";
import { eventLog } from "./log.js";
import { failuresPart, progressPart, resultsPart, wordsPart } from "./many.js";
import { outputPart, resultPart } from "./one.js";
import { seconds } from "./time.js";

const tick = 100;

// The stream that is shown; what comes of an earlier one is not.
let shown = null;

// --- What it came to ----------------------------------------------------------

function fact(name, value) {
	return make("div", {}, make("dt", {}, name), make("dd", {}, value));
}

function tokensFact(text) {
	const tokens = JSON.parse(text);

	return fact("Tokens", `${count(tokens.prompt)} asked, ${
		count(tokens.completion)} answered${
		tokens.estimated ? ", estimated" : ""}`);
}

function summaryPart() {
	const element = make("dl", { class: "summary part", id: "summary",
		hidden: true });

	function take({ name, at, said }) {
		if (name !== "done")
			return;
		element.hidden = false;
		element.append(
			fact("Took", seconds(at)),
			fact("Credits", count(Number(said.credits))),
			said.tokens ? tokensFact(said.tokens) : "");
	}

	return { element, take, draw: () => {} };
}

// --- All of it ----------------------------------------------------------------

function partsOf(what) {
	const parts = what.isBatch
		? [progressPart(), faultsPart(what), failuresPart(),
			what.engine === "model" ? wordsPart() : null, resultsPart()]
		: [faultsPart(what), outputPart(), resultPart()];

	return [...parts, summaryPart(), eventLog()].filter(Boolean);
}

function say(state, sentence) {
	find("stream").dataset.state = state;
	find("state").textContent = sentence;
}

// What a whole stream came to: how it is shown, and a sentence.
function outcome(said, isBatch) {
	const [total, done, failed] = ["total", "done", "failed"]
		.map((name) => Number(said[name]));

	if (!isBatch)
		return failed ? ["failed", "It failed."] : ["done", "Done."];
	if (done < total)
		return ["failed", `It ended after ${count(done)} of ${
			counted(total, "key")}.`];
	return failed ? ["partly", `Done, but ${count(failed)} of ${
		counted(total, "key")} failed.`]
		: ["done", `Done: ${counted(total, "key")}.`];
}

// Nothing is shown.
export function emptyLive() {
	shown = null;
	say("idle", "Nothing has run yet.");
	find("clock").textContent = "";
	find("live").replaceChildren();
}

// what: isBatch, engine, target (the key that it saves under), again().
export function openLive(what) {
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
		return seconds(performance.now() - began);
	}

	function draw() {
		cancelAnimationFrame(frame);
		frame = null;
		parts.forEach((part) => part.draw());
	}

	// name, data, and what its members say, each as text.
	function take(event) {
		const at = performance.now() - began;

		if (shown !== mine)
			return;
		parts.forEach((part) => part.take({ ...event, at }));
		if (event.name === "done")
			end(...outcome(event.said, what.isBatch));
		else if (find("stream").dataset.state === "asking")
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
	say("asking", "Asking…");
	return { take, end, time };
}
