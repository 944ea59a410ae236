// empty: what an empty list shows: why it is empty, and what to do.

import { mode } from "../api.js";
import { copyButton } from "../copy.js";
import { make } from "../dom.js";
import { may } from "./kv.js";

// A shell command that writes the first key.
function firstCommand() {
	const name = mode() === "test" ? "test_io7_…" : "live_io7_…";

	return `curl -X PUT ${location.origin}/kv/hello`
		+ ` -H 'Authorization: Bearer ${name}'`
		+ ` -d '{"greeting": "Hello"}'`;
}

export function emptyStore() {
	const command = firstCommand();

	return make("div", { class: "empty" },
		make("h2", {}, `No ${mode()} data yet`),
		make("p", { class: "soft" }, may("write")
			? "Create the first key here, or from a shell with one of your"
				+ ` ${mode()} API keys:`
			: "Create the first key from a shell, with an API key that can"
				+ " write:"),
		make("figure", { class: "line-of-shell" },
			make("pre", { tabindex: 0, "aria-label": "Command" },
				make("code", {}, command)),
			copyButton(command, "Copy command")));
}

export function noMatch(pattern) {
	return make("div", { class: "empty" },
		make("h2", {}, "No keys match"),
		make("p", { class: "soft" }, "The pattern is ",
			make("code", {}, pattern), ". * matches any text, ? matches one"
				+ " character, and \\ escapes the next one."));
}
