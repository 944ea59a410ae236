// The key for "Try it": the key of the dashboard, or, on a private stack without a
// sign-in, the demo key. Only its first and last characters are shown.

import { credential, forgetKeys, mode as chosenMode, modeOfKey, useKey }
	from "../api.js";
import { demo } from "../demo.js";

export const changed = new EventTarget();

let demoKey = null;

export function key() {
	return credential() ?? demoKey;
}

export function mode() {
	return key() ? modeOfKey(key()) : chosenMode();
}

export function shortKey() {
	return `${key().slice(0, 12)}…${key().slice(-4)}`;
}

function words() {
	if (!key())
		return "No key is set.";
	return key() === demoKey
		? `Calls use the demo key ${shortKey()} and test data.`
		: `Calls use the key ${shortKey()} and ${mode()} data.`;
}

// Not for signed-in users, who would write to the demo account by accident.
async function useDemo() {
	const found = await demo();

	if (!found || credential())
		return;
	const session = await fetch("/api/session", { cache: "no-store" });
	if (session.status === 401)
		demoKey = found.key;
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
		state.textContent = "This is not a complete key. Copy all of it.";
		state.className = "wrong";
		field.setAttribute("aria-invalid", "true");
	});
	document.getElementById("key-clear").addEventListener("click", () => {
		forgetKeys();
		demoKey = null;
		show();
	});
	show();
	useDemo().then(show);
}
