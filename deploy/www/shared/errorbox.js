// errorbox: shows an error beside the control that caused it. After a rate limit it
// counts down and disables the button until the request can be repeated.

import { make } from "./dom.js";
import { duration } from "./format.js";

const tick = 250;

// element is to be placed by the caller. show(error, button) shows the error and
// disables the button for as long as the API says; clear() hides it.
export function errorBox(id = null) {
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
		left.textContent = " You can try again now.";
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

			left.textContent = ` Try again in ${duration(rest)}.`;
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
