// action: a button of a row that acts at once.

import { make } from "./dom.js";

// Clicks are ignored while act() runs. The button is not disabled for that time, because
// a disabled button loses the focus. name: its class, and the start of its id; label: the
// accessible name; trouble: the errorBox of the row.
export function actionButton({ name, id, word, label, trouble, act }) {
	const button = make("button", { type: "button",
		class: `quiet small ${name}`, "aria-label": label,
		id: `${name}-${id}`, onclick: go }, word);
	let isBusy = false;

	async function go() {
		if (isBusy)
			return;
		isBusy = true;
		trouble.clear();
		try {
			await act();
		} catch (error) {
			trouble.show(error, button);
		} finally {
			isBusy = false;
		}
	}

	return button;
}
