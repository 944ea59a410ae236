// The key that calls are tried with: the one that the dashboard uses too, or, on a
// private stack, the demo's as long as nobody is signed in. It is shown by its
// ends alone.

import { credential, forgetKeys, mode as chosenMode, modeOfKey, useKey }
	from "../api.js";
import { demo } from "../demo.js";

export const changed = new EventTarget();

let lent = null;

export function key() {
	return credential() ?? lent;
}

export function mode() {
	return key() ? modeOfKey(key()) : chosenMode();
}

export function ends() {
	return `${key().slice(0, 12)}…${key().slice(-4)}`;
}

function words() {
	if (!key())
		return "There is no key yet.";
	return key() === lent
		? `Calls are tried with the demo’s key ${ends()}, on test data.`
		: `Calls are tried with ${ends()}, on ${mode()} data.`;
}

// Nobody who is signed in acts as the demo by accident.
async function borrow() {
	const found = await demo();

	if (!found || credential())
		return;
	const session = await fetch("/api/session", { cache: "no-store" });
	if (session.status === 401)
		lent = found.key;
}

export function watchForm() {
	const field = document.getElementById("key-field");
	const state = document.getElementById("key-state");
	const show = () => {
		state.textContent = words();
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
		lent = null;
		show();
	});
	show();
	borrow().then(show);
}
