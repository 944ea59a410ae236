// ttl: the expiry of a key, chosen from a list or entered in seconds.

import { openDialog } from "../dialog.js";
import { make } from "../dom.js";
import { errorBox } from "../errorbox.js";

const mostSeconds = 315_360_000;
const choices = [
	["Never", ""], ["In an hour", 3600], ["In a day", 86_400],
	["In 7 days", 604_800], ["In 30 days", 2_592_000],
	["After a number of seconds", "other"],
];

// seconds() returns null for a key that does not expire.
export function ttlField(id) {
	const other = make("input", { type: "number", id: `${id}-seconds`, min: 1,
		max: mostSeconds, step: 1, required: true, disabled: true,
		value: 60, "aria-label": "Seconds" });
	const select = make("select", { id, onchange: choose },
		...choices.map(([words, value]) =>
			make("option", { value }, words)));
	const line = make("span", { hidden: true }, other);

	function choose() {
		other.disabled = line.hidden = select.value !== "other";
		if (!other.disabled)
			other.focus();
	}

	return {
		element: make("div", { class: "ttl" },
			make("label", { for: id }, "Expires"), select, line),
		seconds: () => Number(select.value === "other" ? other.value
			: select.value) || null,
	};
}

// Asks for a new expiry and calls act(seconds). If act fails, the dialog shows the
// error.
export function askTtl(key, act) {
	const field = ttlField("ttl");
	const trouble = errorBox();
	const cancel = make("button", { type: "button", class: "quiet",
		onclick: () => dialog.close() }, "Cancel");
	const set = make("button", { id: "ttl-set" }, "Set expiry");
	const form = make("form", { onsubmit: submit }, field.element,
		make("p", { class: "soft" }, "The stored value does not change."),
		trouble.element, make("p", { class: "answers" }, cancel, set));
	const dialog = openDialog(`Set expiry for ${key}`, form);

	async function submit(event) {
		event.preventDefault();
		set.disabled = true;
		dialog.hold(true);
		try {
			await act(field.seconds());
			dialog.close();
		} catch (error) {
			dialog.hold(false);
			set.disabled = false;
			trouble.show(error, set);
		}
	}
}
