// deleteall: deletes all keys that match a pattern, after the user has typed it.

import { mode } from "../api.js";
import { openDialog } from "../dialog.js";
import { make } from "../dom.js";
import { count, counted } from "../format.js";
import { errorBox } from "../errorbox.js";
import * as kv from "./kv.js";

// onDone is called when something was deleted.
export function openDeleteAll(pattern, onDone) {
	const trouble = errorBox("delete-all-trouble");
	const words = make("p", { id: "delete-all-status", role: "status" }, "Counting…");
	const field = make("input", { id: "delete-all-pattern", type: "text",
		autocomplete: "off", spellcheck: "false", autocapitalize: "off",
		autofocus: true, oninput: compare });
	const go = make("button", { id: "delete-all-go", class: "danger",
		disabled: true }, "Delete keys");
	const cancel = make("button", { type: "button", id: "delete-all-cancel",
		class: "quiet", onclick: leave }, "Cancel");
	const typed = make("div", { class: "entry" },
		make("label", { for: "delete-all-pattern" }, "To confirm, type ",
			make("code", {}, pattern)), field);
	const form = make("form", { onsubmit: start }, words, typed,
		trouble.element, make("p", { class: "answers" }, cancel, go));
	const dialog = openDialog(pattern === "*"
		? `Delete all ${mode()} data?`
		: `Delete keys that match ${pattern}?`, form);
	let controller = null;

	function compare() {
		go.disabled = field.value !== pattern;
	}

	function leave() {
		if (controller)
			controller.abort();
		else
			dialog.close();
	}

	async function showCount() {
		try {
			const n = await kv.countKeys(pattern);
			const keys = counted(n, "key");
			dialog.replaceTitle(pattern === "*"
				? `Delete all ${keys} of ${mode()} data?`
				: `Delete ${keys} that match${n === 1 ? "es" : ""} ${pattern}?`);
			words.textContent = "You cannot undo this.";
		} catch (error) {
			words.textContent = "You cannot undo this.";
			trouble.show(error);
		}
	}

	// One request deletes as many keys as fit into its time; it is repeated.
	async function remove(signal) {
		let total = 0, isComplete = false;

		while (!isComplete) {
			const { deleted, complete } = await kv.removeKeys(pattern, signal);

			total += deleted;
			isComplete = complete;
			words.textContent = `${count(total)} deleted…`;
		}
		return total;
	}

	async function start(event) {
		event.preventDefault();
		if (field.value !== pattern)
			return;
		controller = new AbortController();
		dialog.hold(true);
		trouble.clear();
		go.disabled = true;
		typed.hidden = true;
		try {
			const total = await remove(controller.signal);
			dialog.close();
			onDone(`Deleted ${counted(total, "key")}.`);
		} catch (error) {
			dialog.hold(false);
			controller = null;
			typed.hidden = false;
			if (error.name === "AbortError")
				words.textContent = "Cancelled. Some keys may have been deleted.";
			else
				trouble.show(error, go);
			compare();
			onDone("");
		}
	}

	showCount();
}
