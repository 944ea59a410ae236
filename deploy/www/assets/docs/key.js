// The key that calls are tried with: the one that the dashboard uses too. It is
// shown by its ends alone.

import { credential, forgetKeys, mode, modeOfKey, useKey } from "../api.js";

export { mode, credential as key };

export const changed = new EventTarget();

export function ends() {
	return `${credential().slice(0, 12)}…${credential().slice(-4)}`;
}

export function watch_form() {
	const field = document.getElementById("key-field");
	const state = document.getElementById("key-state");
	const show = () => {
		state.textContent = credential()
			? `Calls are tried with ${ends()}, on ${mode()} data.`
			: "There is no key yet.";
		state.className = "";
		field.removeAttribute("aria-invalid");
		field.value = "";
		changed.dispatchEvent(new Event("change"));
	};

	document.getElementById("key-form").addEventListener("submit", (event) => {
		const text = field.value.trim();

		event.preventDefault();
		if (modeOfKey(text)) {
			useKey(text);
			show();
			return;
		}
		state.textContent = "That is not the shape of a key. Copy all of it.";
		state.className = "wrong";
		field.setAttribute("aria-invalid", "true");
	});
	document.getElementById("key-forget").addEventListener("click", () => {
		forgetKeys();
		show();
	});
	show();
}
