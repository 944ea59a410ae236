// copy: a button that copies a text to the clipboard and reports the result.

import { make } from "./dom.js";

const shownFor = 2000;

// text: a string, or a function that returns it when the button is clicked. label:
// the accessible name, which begins with "Copy". Returns null without a clipboard:
// browsers offer it to pages from HTTPS or localhost only.
export function copyButton(text, label = "Copy") {
	if (!navigator.clipboard)
		return null;
	const words = make("span", { "aria-hidden": "true" }, "Copy");
	const status = make("span", { class: "unseen", role: "status" });
	const button = make("button", { type: "button", class: "quiet",
		onclick: copy, "aria-label": label }, words);
	let timer = null;

	// Speech control matches the visible word: the label contains it too.
	function say(word, sentence) {
		words.textContent = word;
		button.setAttribute("aria-label", label.replace(/^Copy/, word));
		status.textContent = sentence;
	}

	async function copy() {
		try {
			await navigator.clipboard.writeText(
				typeof text === "function" ? text() : text);
			say("Copied", "Copied to the clipboard.");
		} catch {
			say("Not allowed", "The browser does not allow access to the clipboard.");
		}
		clearTimeout(timer);
		timer = setTimeout(() => say("Copy", ""), shownFor);
	}

	return make("span", { class: "copy" }, button, status);
}
