// copy: a button that puts a text on the clipboard, and says whether it is there.

import { make } from "./dom.js";

const shownFor = 2000;

// text: what is copied, or a function that says it then; label: what a screen
// reader says of the button, beginning with Copy. A clipboard is there only where
// the page came by HTTPS or from this machine: where there is none, so is no button,
// but null.
export function copyButton(text, label = "Copy") {
	if (!navigator.clipboard)
		return null;
	const words = make("span", { "aria-hidden": "true" }, "Copy");
	const said = make("span", { class: "unseen", role: "status" });
	const button = make("button", { type: "button", class: "quiet",
		onclick: copy, "aria-label": label }, words);
	let timer = null;

	// Whoever speaks to the browser says what they see: the label says it too.
	function say(word, sentence) {
		words.textContent = word;
		button.setAttribute("aria-label", label.replace(/^Copy/, word));
		said.textContent = sentence;
	}

	async function copy() {
		try {
			await navigator.clipboard.writeText(
				typeof text === "function" ? text() : text);
			say("Copied", "It is on the clipboard.");
		} catch {
			say("Not allowed", "The browser does not allow it.");
		}
		clearTimeout(timer);
		timer = setTimeout(() => say("Copy", ""), shownFor);
	}

	return make("span", { class: "copy" }, button, said);
}
