// wipe: all keys of a pattern are deleted, once somebody has typed which.

import { mode } from "../api.js";
import { openDialog } from "../dialog.js";
import { make } from "../dom.js";
import { count, counted } from "../format.js";
import { troublePlace } from "../trouble.js";
import * as kv from "./kv.js";

// onDone: something was deleted.
export function openWipe(pattern, onDone) {
	const trouble = troublePlace("wipe-trouble");
	const words = make("p", { id: "wipe-said", role: "status" }, "Counting…");
	const field = make("input", { id: "wipe-pattern", type: "text",
		autocomplete: "off", spellcheck: "false", autocapitalize: "off",
		autofocus: true, oninput: compare });
	const go = make("button", { id: "wipe-go", class: "danger",
		disabled: true }, "Delete them");
	const cancel = make("button", { type: "button", id: "wipe-cancel",
		class: "quiet", onclick: leave }, "Cancel");
	const typed = make("div", { class: "entry" },
		make("label", { for: "wipe-pattern" }, "To go on, type ",
			make("code", {}, pattern)), field);
	const form = make("form", { onsubmit: start }, words, typed,
		trouble.element, make("p", { class: "answers" }, cancel, go));
	const dialog = openDialog(pattern === "*"
		? `Delete all ${mode()} data?` : `Delete all like ${pattern}?`, form);
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

	async function number() {
		try {
			const n = await kv.countKeys(pattern);
			words.textContent = `${counted(n, "key")} of ${mode()} data will`
				+ " be gone for good.";
		} catch (error) {
			words.textContent = "They will be gone for good.";
			trouble.show(error);
		}
	}

	// As often as it takes: one request removes what it can in its time.
	async function remove(signal) {
		let gone = 0, isComplete = false;

		while (!isComplete) {
			const { deleted, complete } = await kv.removeKeys(pattern, signal);

			gone += deleted;
			isComplete = complete;
			words.textContent = `${count(gone)} deleted…`;
		}
		return gone;
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
			const gone = await remove(controller.signal);
			dialog.close();
			onDone(`Deleted ${counted(gone, "key")}.`);
		} catch (error) {
			dialog.hold(false);
			controller = null;
			typed.hidden = false;
			if (error.name === "AbortError")
				words.textContent = "Cancelled. Some may be gone.";
			else
				trouble.show(error, go);
			compare();
			onDone("");
		}
	}

	number();
}
