// trouble: what went wrong, said where it was asked for. When there were too many
// requests, the time that is left runs down beside it, and the button that asked
// waits with it.

import { make } from "./dom.js";
import { duration } from "./format.js";

const tick = 250;

// element: to be put where it shall be said; show(error, button): says it, and
// button, if there is one, waits when the API says so; clear(): all is well.
export function troublePlace(id = null) {
	const words = make("span", { role: "alert" });
	const left = make("span", { class: "left" });
	const element = make("p", { class: "problem", id, hidden: true },
		words, left);
	let timer = null;
	let waiting = null;

	function stopWaiting() {
		clearInterval(timer);
		if (waiting)
			waiting.disabled = false;
		waiting = null;
		left.textContent = " You may try again now.";
	}

	function clear() {
		stopWaiting();
		words.textContent = left.textContent = "";
		element.hidden = true;
	}

	function wait(seconds, button) {
		const until = Date.now() + seconds * 1000;

		function count() {
			const rest = (until - Date.now()) / 1000;

			left.textContent = ` Again in ${duration(rest)}.`;
			if (rest <= 0 || !element.isConnected)
				stopWaiting();
		}
		waiting = button;
		if (button)
			button.disabled = true;
		timer = setInterval(count, tick);
		count();
	}

	function show(error, button = null) {
		clear();
		element.hidden = false;
		words.textContent = error.sentence ?? error.message;
		if (error.retryAfter)
			wait(error.retryAfter, button);
	}

	return { element, show, clear };
}
