// errors: what went wrong lately, for somebody who wants to mend it: which call,
// why, how often, by which key, and the id to ask about.

import { mode } from "../api.js";
import { copyButton } from "../copy.js";
import { make } from "../dom.js";
import { counted, relative } from "../format.js";
import { panel } from "./panels.js";

// The rest opens on demand.
const atFirst = 5;

// A key by its label, or who was signed in.
function whose({ key }) {
	return key ? make("span", { title: `${key.prefix}…${key.last4}` },
		`by ${key.label}`) : "by a person";
}

function when(error) {
	return make("time", { datetime: error.last_at, title: error.last_at },
		relative(error.last_at));
}

function errorRow(error) {
	return make("li", {},
		make("div", { class: "what" },
			make("p", {},
				make("span", { class: error.status >= 500
					? "status bad" : "status" }, String(error.status)),
				make("a", { href: "/docs#errors" },
					make("code", {}, error.code))),
			make("p", { class: "soft" }, error.message)),
		make("div", { class: "where" },
			make("p", {}, make("code", {},
				`${error.method} ${error.route}`)),
			make("p", { class: "soft" },
				whose(error), " · ", counted(error.count, "time"), " · ", when(error))),
		make("p", { class: "request" },
			make("code", { title: "Request id" }, error.request_id),
			copyButton(error.request_id, "Copy the request id")));
}

function list(errors) {
	return make("ul", { class: "rows errors" }, ...errors.map(errorRow));
}

export function errorsPanel({ recent_errors: all }) {
	const errors = all.filter((error) => error.mode === mode());
	const rest = errors.slice(atFirst);

	if (!errors.length)
		return panel("errors", "Recent errors", make("p", { class: "soft" },
			`Nothing went wrong in ${mode()} mode in the last seven days.`));
	return panel("errors", "Recent errors", list(errors.slice(0, atFirst)),
		rest.length ? make("details", {},
			make("summary", {}, `${rest.length} more`), list(rest)) : null);
}
