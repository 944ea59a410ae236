// preview: says in words when a schedule runs, with its next times.

import { make } from "../dom.js";
import { ask } from "../shell.js";
import { sentenceOf } from "../field.js";
import { timesTable } from "./zones.js";

const count = 5;
const pause = 350; // after the last change, in milliseconds

export function readPreview(schedule, timezone, signal) {
	const query = new URLSearchParams({ schedule, timezone, count });

	return ask("GET", `/api/cron/preview?${query}`, { signal });
}

// A name with @, or five fields. Anything less is being typed, and not sent.
function isComplete(schedule) {
	return /^@[a-z]+$/i.test(schedule) || schedule.split(/\s+/).length >= 5;
}

// element is to be placed by the caller. update(schedule, timezone) shows another
// schedule when it has not changed for a moment. onProblem(field, sentence) gets what
// is wrong with a field, or null for both if nothing is.
export function previewPanel(onProblem) {
	const words = make("p", { role: "status", id: "preview-summary" });
	const times = make("div", { class: "wide" });
	const element = make("div", { class: "preview", role: "group",
		"aria-label": "Preview" }, words, times);
	let timer = null, controller = null;

	// An empty preview is not shown, but stays a live region.
	function clear(sentence) {
		words.textContent = sentence;
		times.replaceChildren();
		element.classList.toggle("unseen", !sentence);
	}

	function accept(answer) {
		onProblem(null, null);
		element.classList.remove("unseen");
		words.replaceChildren(make("b", {}, "Runs "), answer.summary);
		times.replaceChildren(timesTable(answer.times, answer.timezone,
			"Next times"));
	}

	function refuse({ details, message }) {
		const { field, problem } = details ?? {};

		clear(problem ? "" : message);
		if (problem)
			onProblem(field, sentenceOf(problem));
	}

	async function load(schedule, timezone) {
		const { signal } = controller = new AbortController();

		try {
			const answer = await readPreview(schedule, timezone, signal);

			if (!signal.aborted)
				accept(answer);
		} catch (error) {
			if (!signal.aborted)
				refuse(error);
		}
	}

	function update(schedule, timezone) {
		clearTimeout(timer);
		controller?.abort();
		if (isComplete(schedule))
			timer = setTimeout(() => load(schedule, timezone), pause);
		else
			clear("Enter a schedule to see when the job runs.");
	}

	return { element, update };
}
