// secret: shows a new key, once. The dialog stays open until the user confirms that
// the key is stored; then the page removes all copies of it.

import { copyButton } from "../copy.js";
import { make } from "../dom.js";

// A command for this site that the key has the permission to run.
function commandOf({ key, scopes }) {
	const start = `curl -H "Authorization: Bearer ${key}"`;

	if (scopes.includes("read"))
		return `${start} ${location.origin}/api/me`;
	if (scopes.some((scope) => scope.startsWith("database")))
		return `${start} ${location.origin}/api/database`;
	return scopes.includes("write")
		? `${start} -X PUT -d '"world"' ${location.origin}/kv/hello`
		: `${start} "${location.origin}/api/keys?limit=1"`;
}

// Makes the browser ask before it leaves the page.
function preventUnload(event) {
	event.preventDefault();
}

// Replaces the content of an open dialog. made: the API's answer, from which the key
// is removed. note: a paragraph shown below the key, or null.
export function showSecret(dialog, made, note = null) {
	const command = make("code", {}, commandOf(made));
	const secret = make("code", { id: "secret", tabindex: 0 }, made.key);
	const reminder = make("p", { class: "warning high", role: "status",
		hidden: true });

	function remind(event) {
		if (event.key !== "Escape")
			return;
		reminder.hidden = false;
		reminder.textContent = "Store the key first. It cannot be shown again.";
	}

	function finish() {
		removeEventListener("beforeunload", preventUnload);
		document.removeEventListener("keydown", remind);
		secret.textContent = command.textContent = "";
		dialog.close();
	}

	delete made.key;
	dialog.hold(true);
	addEventListener("beforeunload", preventUnload);
	document.addEventListener("keydown", remind);
	dialog.replace("Your new key",
		make("p", {}, "Copy the key now and store it in a safe place, such as"
			+ " a password manager. It cannot be shown again."),
		make("div", { class: "secret" }, secret,
			copyButton(() => secret.textContent, "Copy key")),
		note,
		make("figure", { class: "command" },
			make("figcaption", {}, make("span", {}, "Try it"),
				copyButton(() => command.textContent,
					"Copy command")),
			make("pre", { tabindex: 0 }, command)),
		reminder,
		make("p", { class: "answers" }, make("button", { type: "button",
			id: "stored", onclick: finish }, "I have stored the key")));
}
