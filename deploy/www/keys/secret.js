// secret: a new key, shown this once. The dialog stays until somebody says that it
// is stored; then nothing of this page knows it any more.

import { copyButton } from "../copy.js";
import { make } from "../dom.js";

// A command that the key may give, at this very place.
function commandOf({ key, scopes }) {
	const start = `curl -H "Authorization: Bearer ${key}"`;

	if (scopes.includes("read"))
		return `${start} ${location.origin}/api/me`;
	return scopes.includes("write")
		? `${start} -X PUT -d '"world"' ${location.origin}/kv/hello`
		: `${start} "${location.origin}/api/keys?limit=1"`;
}

// The browser asks before it leaves a page with a key that nobody has stored.
function stay(event) {
	event.preventDefault();
}

// In an open dialog, in place of what it was about. made: the API's answer, whose
// key is taken out of it; note: a paragraph for below, or null.
export function showSecret(dialog, made, note = null) {
	const command = make("code", {}, commandOf(made));
	const secret = make("code", { id: "secret", tabindex: 0 }, made.key);
	const reminder = make("p", { class: "warning high", role: "status",
		hidden: true });

	function remind(event) {
		if (event.key !== "Escape")
			return;
		reminder.hidden = false;
		reminder.textContent = "Store it first: nobody can show it again.";
	}

	function finish() {
		removeEventListener("beforeunload", stay);
		document.removeEventListener("keydown", remind);
		secret.textContent = command.textContent = "";
		dialog.close();
	}

	delete made.key;
	dialog.hold(true);
	addEventListener("beforeunload", stay);
	document.addEventListener("keydown", remind);
	dialog.replace("Here is your new key",
		make("p", {}, "This is the only time that anybody can see it. Store"
			+ " it now, where you keep passwords."),
		make("div", { class: "secret" }, secret,
			copyButton(() => secret.textContent, "Copy the key")),
		note,
		make("figure", { class: "command" },
			make("figcaption", {}, make("span", {}, "Try it"),
				copyButton(() => command.textContent,
					"Copy the command")),
			make("pre", { tabindex: 0 }, command)),
		reminder,
		make("p", { class: "answers" }, make("button", { type: "button",
			id: "stored", onclick: finish }, "I have stored it")));
}
