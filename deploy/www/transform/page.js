// page: the transform page: the form on one side, the stream on the other.

import { mode } from "../api.js";
import { copyButton } from "../copy.js";
import { curl } from "../curl.js";
import { confirm } from "../dialog.js";
import { find, make } from "../dom.js";
import { requireLogin, open } from "../shell.js";
import { errorBox } from "../errorbox.js";
import { callOf, isBatch, oneProblem, problemOf } from "./call.js";
import { clearProblem, labelOf, openForm, read, showProblem }
	from "./form.js";
import { countMatches, helper, offerKeys, storedValue } from "./keys.js";
import { clearResults, openResults } from "./results.js";
import { run } from "./run.js";

const trouble = errorBox("trouble");
let running = null;

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
		? "Fill in the form to see the command."
		: `Set IO7_KEY to one of your ${mode()} API keys.`;
}

// --- Keys ---------------------------------------------------------------------

function useVersion(version) {
	find("if_version").value = version;
	find("form").dispatchEvent(new Event("input"));
}

// An unchanged value is not drawn again: the user may be about to click its button.
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
		"Require this version"));
});

function forgetStored() {
	delete find("stored-value").dataset.shown;
	find("stored-value").replaceChildren();
}

// Updates the stored value if it is visible and the key is valid.
function refreshStored({ which, key }) {
	if (which !== "one" || oneProblem({ key }) !== null)
		forgetStored();
	else if (find("stored").open)
		showStored(key);
}

// What was requested last. The first request is sent in any case, so that the login
// comes before the user fills in the form.
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

// Shows the stream and moves the focus to the button that stops it.
function showStream() {
	const stream = find("stream");

	if (stream.getBoundingClientRect().top > innerHeight / 2)
		stream.scrollIntoView({ block: "start" });
	find("stop").focus({ preventScroll: true });
}

function showRunning(isRunning) {
	const focused = document.activeElement;
	const button = isRunning ? find("run") : find("stop");

	find("stop").hidden = !isRunning;
	find("run").disabled = isRunning;
	find("stream").setAttribute("aria-busy", String(isRunning));
	if (focused !== button)
		return;
	if (isRunning)
		showStream();
	else
		find("stream-title").focus({ preventScroll: true });
}

// The field that an error is about, and a sentence.
function problemFrom({ code, details, message }) {
	switch (code) {
	case "not_found":
		return ["key", `This key does not exist in your ${mode()} data.`];
	case "precondition_failed":
		return ["if_version", "The value has another version now."];
	case "bad_request":
		return [details?.field, `${labelOf(details?.field)}: ${
			details?.problem}.`];
	default:
		return [details?.field, message];
	}
}

// Shows an error at the field that it is about, or else beside the button.
function explain(error) {
	const { field, problem } = error.details ?? {};

	if (showProblem(...problemFrom(error)))
		return;
	trouble.show({
		message: field ? `${error.message} (${field}: ${problem})`
			: error.message,
		retryAfter: error.retryAfter,
	}, find("run"));
}

async function isConfirmed(choice) {
	if (!choice.save || !isBatch(choice) || choice.to || mode() !== "live")
		return true;
	return confirm({
		title: "Overwrite all matching values?",
		text: "Each of these live values is replaced by its result. You"
			+ " cannot undo this.",
		action: "Run and save",
		danger: true,
	});
}

async function start() {
	const choice = read();
	const problem = problemOf(choice);

	if (running)
		return;
	clearProblem();
	trouble.clear();
	if (problem)
		showProblem(...problem);
	else if (await isConfirmed(choice))
		await go(choice);
}

async function go(choice) {
	const results = openResults({ isBatch: isBatch(choice), again: start,
		engine: choice.engine, target: choice.to || choice.key });
	let failure = null;

	running = new AbortController();
	showRunning(true);
	try {
		await run(callOf(choice), results, running.signal);
	} catch (error) {
		results.end("rejected", "Request rejected.");
		failure = error;
	}
	running = null;
	showRunning(false);
	refreshStored(read());
	if (failure)
		explain(failure);
}

function stop() {
	running?.abort();
}

// --- Events -------------------------------------------------------------------

function watchKeyboard() {
	addEventListener("keydown", (event) => {
		if (document.querySelector("dialog[open]"))
			return;
		if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
			event.preventDefault();
			start();
		} else if (event.key === "Escape" && running) {
			stop();
		}
	});
}

// A run on the data of the other mode is stopped.
function changeMode() {
	stop();
	clearResults();
	trouble.clear();
	const choice = read();

	help(choice);
	showCommand(choice);
}

open(changeMode);
requireLogin();
find("request-error").replaceWith(trouble.element);
find("copy-command").append(copyButton(() => find("command").textContent,
	"Copy command") ?? "");
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
