// form: a dialog that asks for something, sends it and goes on with the answer.
// What is wrong is said at the field that it is about, or above the buttons.

import { make } from "../dom.js";
import { openDialog } from "../dialog.js";
import { troublePlace } from "../trouble.js";
import { FieldError } from "./fields.js";

// The fields' values by name, or null where one of them has none to give.
function readAll(fields) {
	const values = {};
	let isFine = true;

	for (const field of [...fields].reverse()) {
		field.say(null);
		try {
			values[field.name] = field.read();
		} catch (error) {
			if (!(error instanceof FieldError))
				throw error;
			field.say(error.message);
			isFine = false;
		}
	}
	return isFine ? values : null;
}

// What the API says of a field is "must be ...".
function explain(error, fields, trouble, button) {
	const { field, problem } = error.details ?? {};
	const about = fields.find(({ name }) => name === field);

	if (about)
		about.say(`This ${problem}.`);
	else
		trouble.show(error, button);
}

// send(values): asks the API; done(answer, dialog): goes on, in the dialog or not.
// While the answer is awaited the dialog stays: it may bring a secret.
export function openForm({ title, about = [], fields, action, send, done }) {
	const trouble = troublePlace("form-problem");
	const cancel = make("button", { type: "button", class: "quiet",
		onclick: () => dialog.close() }, "Cancel");
	const submit = make("button", { type: "submit", id: "form-submit" },
		action);
	const form = make("form", { class: "entry", novalidate: true,
		onsubmit: go }, ...about, ...fields.map(({ element }) => element),
	trouble.element, make("p", { class: "answers" }, cancel, submit));
	const dialog = openDialog(title, form);
	let keyboard = null;

	// What is disabled loses the keyboard, and gets it back.
	function wait(whether) {
		keyboard = whether ? document.activeElement : keyboard;
		dialog.hold(whether);
		cancel.disabled = submit.disabled = whether;
		form.setAttribute("aria-busy", whether);
		if (!whether)
			keyboard.focus();
	}

	async function go(event) {
		event.preventDefault();
		trouble.clear();
		const values = readAll(fields);
		if (!values)
			return;
		wait(true);
		try {
			const answer = await send(values);

			wait(false);
			done(answer, dialog);
		} catch (error) {
			wait(false);
			explain(error, fields, trouble, submit);
		}
	}
}
