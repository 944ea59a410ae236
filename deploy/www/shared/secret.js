// secret: shows a new secret, once. The dialog stays open until the user confirms that
// it is stored; then the page removes all copies of it.

import { copyButton } from "./copy.js";
import { make } from "./dom.js";

// Makes the browser ask before it leaves the page.
function preventUnload(event) {
	event.preventDefault();
}

// Replaces the content of an open dialog. secret: { noun, text, title, command }: what
// it is, the secret, and a command that uses it, with a title. note: a paragraph shown
// below the secret, or null.
export function showSecret(dialog, { noun, text, title, command }, note = null) {
	const example = make("code", {}, command);
	const secret = make("code", { id: "secret", tabindex: 0 }, text);
	const reminder = make("p", { class: "warning high", role: "status",
		hidden: true });

	function remind(event) {
		if (event.key !== "Escape")
			return;
		reminder.hidden = false;
		reminder.textContent = `Store the ${noun} first. It cannot be shown again.`;
	}

	function finish() {
		removeEventListener("beforeunload", preventUnload);
		document.removeEventListener("keydown", remind);
		secret.textContent = example.textContent = "";
		dialog.close();
	}

	dialog.hold(true);
	addEventListener("beforeunload", preventUnload);
	document.addEventListener("keydown", remind);
	dialog.replace(`Your new ${noun}`,
		make("p", {}, `Copy the ${noun} now and store it in a safe place, such as`
			+ " a password manager. It cannot be shown again."),
		make("div", { class: "secret" }, secret,
			copyButton(() => secret.textContent, `Copy ${noun}`)),
		note,
		make("figure", { class: "command" },
			make("figcaption", {}, make("span", {}, title),
				copyButton(() => example.textContent,
					"Copy command")),
			make("pre", { tabindex: 0 }, example)),
		reminder,
		make("p", { class: "answers" }, make("button", { type: "button",
			id: "stored", onclick: finish }, `I have stored the ${noun}`)));
}
