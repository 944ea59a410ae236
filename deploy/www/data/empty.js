// empty: what the list says when it has nothing to show, and what to do then.

import { mode } from "../api.js";
import { copyButton } from "../copy.js";
import { make } from "../dom.js";
import { may } from "./kv.js";

// A line that writes the first key, as it works in a shell.
function firstLine() {
	const name = mode() === "test" ? "test_io7_…" : "live_io7_…";

	return `curl -X PUT ${location.origin}/kv/hello`
		+ ` -H 'Authorization: Bearer ${name}'`
		+ ` -d '{"greeting": "Hello"}'`;
}

export function emptyStore() {
	const line = firstLine();

	return make("div", { class: "empty" },
		make("h2", {}, `There is no ${mode()} data yet`),
		make("p", { class: "soft" }, may("write")
			? "Make the first key here, or from a shell, with one of your"
				+ ` ${mode()} keys:`
			: "Write the first key from a shell, with a key that may:"),
		make("figure", { class: "line-of-shell" },
			make("pre", { tabindex: 0, "aria-label": "A command" },
				make("code", {}, line)),
			copyButton(line, "Copy the command")));
}

export function noMatch(pattern) {
	return make("div", { class: "empty" },
		make("h2", {}, "No key is like that"),
		make("p", { class: "soft" }, "Nothing matches ",
			make("code", {}, pattern), ". * stands for any text, ? for one"
				+ " character, and \\ takes the next as it is."));
}
