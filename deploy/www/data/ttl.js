// ttl: how long a key lives: chosen from a list, or typed in seconds.

import { openDialog } from "../dialog.js";
import { make } from "../dom.js";
import { troublePlace } from "../trouble.js";

const mostSeconds = 315_360_000;
const choices = [
	["Never", ""], ["In an hour", 3600], ["In a day", 86_400],
	["In 7 days", 604_800], ["In 30 days", 2_592_000],
	["In so many seconds", "other"],
];

// seconds() is null for a key that stays.
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

// Asks how long a key shall live, from now on. act: told the seconds, it does it;
// what goes wrong is said in the dialog.
export function askTtl(key, act) {
	const field = ttlField("ttl");
	const trouble = troublePlace();
	const cancel = make("button", { type: "button", class: "quiet",
		onclick: () => dialog.close() }, "Cancel");
	const set = make("button", { id: "ttl-set" }, "Set");
	const form = make("form", { onsubmit: submit }, field.element,
		make("p", { class: "soft" }, "The value as it is stored stays; only"
			+ " its end changes."),
		trouble.element, make("p", { class: "answers" }, cancel, set));
	const dialog = openDialog(`When shall ${key} expire?`, form);

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
