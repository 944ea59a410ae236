// form: a dialog with fields that sends a request. Errors are shown at the field
// that they are about, or else above the buttons.

import { make } from "./dom.js";
import { openDialog } from "./dialog.js";
import { errorBox } from "./errorbox.js";
import { FieldError, sentenceOf } from "./field.js";

// The values by field name, or null if a field is invalid.
function readAll(fields) {
	const values = {};
	let isFine = true;

	for (const field of [...fields].reverse()) {
		field.showProblem(null);
		try {
			values[field.name] = field.read();
		} catch (error) {
			if (!(error instanceof FieldError))
				throw error;
			field.showProblem(error.message);
			isFine = false;
		}
	}
	return isFine ? values : null;
}

function explain(error, fields, trouble, button) {
	const { field, problem } = error.details ?? {};
	const about = fields.find(({ name }) => name === field);

	if (about)
		about.showProblem(sentenceOf(problem));
	else
		trouble.show(error, button);
}

// send(values) sends the request; done(answer, dialog) continues with the answer.
// Until it arrives the dialog cannot be closed: the answer may hold a secret. layout:
// what the form shows, if that is more than the fields one below the other.
export function openForm({ title, about = [], fields, action, send, done,
	layout = fields.map(({ element }) => element) }) {
	const trouble = errorBox("form-problem");
	const cancel = make("button", { type: "button", class: "quiet",
		onclick: () => dialog.close() }, "Cancel");
	const submit = make("button", { type: "submit", id: "form-submit" },
		action);
	const form = make("form", { class: "entry", novalidate: true,
		onsubmit: go }, ...about, ...layout, trouble.element,
	make("p", { class: "answers" }, cancel, submit));
	const dialog = openDialog(title, form);
	let focused = null;

	// A disabled button loses the focus, which is restored afterwards.
	function wait(whether) {
		focused = whether ? document.activeElement : focused;
		dialog.hold(whether);
		cancel.disabled = submit.disabled = whether;
		form.setAttribute("aria-busy", whether);
		if (!whether)
			focused.focus();
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
