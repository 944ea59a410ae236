// page: the transform that is tried: what is asked for on one side, the stream on
// the other.

import { mode } from "../api.js";
import { copyButton } from "../copy.js";
import { curl } from "../curl.js";
import { confirm } from "../dialog.js";
import { find, make } from "../dom.js";
import { expectSomebody, open } from "../shell.js";
import { troublePlace } from "../trouble.js";
import { callOf, isBatch, oneProblem, problemOf } from "./ask.js";
import { forgive, nameOf, openForm, read, refuse } from "./form.js";
import { countMatches, helper, offerKeys, storedValue } from "./keys.js";
import { emptyLive, openLive } from "./live.js";
import { run } from "./run.js";

const trouble = troublePlace("trouble");
let leave = null;

// --- The command --------------------------------------------------------------

function showCommand(choice) {
	const problem = problemOf(choice);

	find("command").textContent = problem ? ""
		: curl({ ...callOf(choice), site: location.origin,
			secret: "IO7_KEY", is_stream: true,
			headers: [["Content-Type", "application/json"]] });
	find("command").hidden = problem !== null;
	find("copy-command").hidden = problem !== null;
	find("command-note").textContent = problem
		? "It stands here as soon as it could be sent."
		: `IO7_KEY is a ${mode()} key of yours.`;
}

// --- What is known of the keys ------------------------------------------------

function useVersion(version) {
	find("if_version").value = version;
	find("form").dispatchEvent(new Event("input"));
}

// What is the same stays, for somebody may be about to press its button.
const showStored = helper(storedValue, ({ key, version, elements }) => {
	const place = find("stored-value");
	const name = JSON.stringify([mode(), key, version]);

	if (place.dataset.shown === name)
		return;
	place.dataset.shown = name;
	place.replaceChildren(...elements);
	if (version)
		elements[0].append(make("button", { type: "button",
			class: "quiet pick", onclick: () => useVersion(version) },
		"Only this one"));
});

function forgetStored() {
	delete find("stored-value").dataset.shown;
	find("stored-value").replaceChildren();
}

// Where somebody looks at it, with a key that can be.
function refreshStored({ which, key }) {
	if (which !== "one" || oneProblem({ key }) !== null)
		forgetStored();
	else if (find("stored").open)
		showStored(key);
}

// What was asked of the store last, and of which of its data. The first time it is
// asked in any case, for who is not signed in shall know before the work is done.
let asked = {};

function help(choice) {
	const now = { mode: mode(), which: choice.which, key: choice.key,
		pattern: choice.pattern };
	const is = (name) => now.mode === asked.mode
		&& now.which === asked.which && now[name] === asked[name];

	if (!asked.mode || choice.which === "one" && !is("key")) {
		offerKeys(choice.key);
		refreshStored(choice);
	}
	if (choice.which === "pattern" && !is("pattern"))
		countMatches(choice.pattern);
	asked = now;
}

// --- A run --------------------------------------------------------------------

// Whoever pressed the button comes to where things happen, and to what stops them.
function lookAtStream() {
	const stream = find("stream");

	if (stream.getBoundingClientRect().top > innerHeight / 2)
		stream.scrollIntoView({ block: "start" });
	find("stop").focus({ preventScroll: true });
}

function showRunning(running) {
	const had = document.activeElement;
	const from = running ? find("run") : find("stop");

	find("stop").hidden = !running;
	find("run").disabled = running;
	find("stream").setAttribute("aria-busy", String(running));
	if (had !== from)
		return;
	if (running)
		lookAtStream();
	else
		find("stream-title").focus({ preventScroll: true });
}

// The field that a refusal is about, and a sentence.
function faultOf({ code, details, message }) {
	switch (code) {
	case "not_found":
		return ["key", `There is no such key in your ${mode()} data.`];
	case "precondition_failed":
		return ["if_version", "The value is in another version now."];
	case "bad_request":
		return [details?.field, `${nameOf(details?.field)}: ${
			details?.problem}.`];
	default:
		return [details?.field, message];
	}
}

// At the field that it is about, or else by the button.
function explain(error) {
	const { field, problem } = error.details ?? {};

	if (refuse(...faultOf(error)))
		return;
	trouble.show({
		message: field ? `${error.message} (${field}: ${problem})`
			: error.message,
		retryAfter: error.retryAfter,
	}, find("run"));
}

async function isMeant(choice) {
	if (!choice.save || !isBatch(choice) || choice.to || mode() !== "live")
		return true;
	return confirm({
		title: "Save over all these values?",
		text: "Each of these live values is replaced by what the engine"
			+ " makes of it. There is no way back.",
		action: "Run and save",
		danger: true,
	});
}

async function start() {
	const choice = read();
	const problem = problemOf(choice);

	if (leave)
		return;
	forgive();
	trouble.clear();
	if (problem)
		refuse(...problem);
	else if (await isMeant(choice))
		await go(choice);
}

async function go(choice) {
	const live = openLive({ isBatch: isBatch(choice), again: start,
		engine: choice.engine, target: choice.to || choice.key });
	let refusal = null;

	leave = new AbortController();
	showRunning(true);
	try {
		await run(callOf(choice), live, leave.signal);
	} catch (error) {
		live.end("refused", "It was refused.");
		refusal = error;
	}
	leave = null;
	showRunning(false);
	refreshStored(read());
	if (refusal)
		explain(refusal);
}

function stop() {
	leave?.abort();
}

// --- Life ---------------------------------------------------------------------

function watchKeyboard() {
	addEventListener("keydown", (event) => {
		if (document.querySelector("dialog[open]"))
			return;
		if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
			event.preventDefault();
			start();
		} else if (event.key === "Escape" && leave) {
			stop();
		}
	});
}

// The other data: what runs on these is stopped.
function changeMode() {
	stop();
	emptyLive();
	trouble.clear();
	const choice = read();

	help(choice);
	showCommand(choice);
}

open(changeMode);
expectSomebody();
find("refusal").replaceWith(trouble.element);
find("copy-command").append(copyButton(() => find("command").textContent,
	"Copy the command") ?? "");
openForm((choice) => {
	help(choice);
	showCommand(choice);
});
find("bench").hidden = false;
find("form").addEventListener("submit", (event) => {
	event.preventDefault();
	start();
});
find("stop").addEventListener("click", stop);
find("stored").addEventListener("toggle", () => refreshStored(read()));
watchKeyboard();
