// errors: the recent errors: request, reason, count, key, and the request id.

import { mode } from "../api.js";
import { copyButton } from "../copy.js";
import { make } from "../dom.js";
import { counted, relative } from "../format.js";
import { panel } from "./panels.js";

// The number of errors shown at first.
const shownFirst = 5;

// The key that sent the request; without one, a signed-in user.
function whose({ key }) {
	return key ? make("span", { title: `${key.prefix}…${key.last4}` },
		`by ${key.label}`) : "by a signed-in user";
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
			make("code", { title: "Request ID" }, error.request_id),
			copyButton(error.request_id, "Copy request ID")));
}

function list(errors) {
	return make("ul", { class: "rows errors" }, ...errors.map(errorRow));
}

export function errorsPanel({ recent_errors: all }) {
	const errors = all.filter((error) => error.mode === mode());
	const rest = errors.slice(shownFirst);

	if (!errors.length)
		return panel("errors", "Recent errors", make("p", { class: "soft" },
			`No errors in ${mode()} mode in the last 7 days.`));
	return panel("errors", "Recent errors", list(errors.slice(0, shownFirst)),
		rest.length ? make("details", {},
			make("summary", {}, `${rest.length} more`), list(rest)) : null);
}
