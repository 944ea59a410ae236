// dialog: a question or a form over the page, in the browser's own <dialog>: what
// lies below cannot be reached, Escape closes it, and the keyboard goes back to
// where it was.

import { find, make } from "./dom.js";
import { troublePlace } from "./trouble.js";

let count = 0;

function isEscape(event) {
	return event.key === "Escape";
}

// Where the keyboard was; what was drawn anew since then is known by its id.
function goBack(opener) {
	const there = opener.isConnected ? opener : find(opener.id);

	if (there && there !== document.activeElement)
		there.focus();
}

// What is held stays open, also where a browser lets a second Escape through.
function guard(element, isHeld) {
	element.addEventListener("keydown", (event) => {
		if (isEscape(event) && isHeld())
			event.preventDefault();
	});
	element.addEventListener("cancel", (event) => {
		if (isHeld())
			event.preventDefault();
	});
}

// Opens a dialog with these children, of which the first with the attribute
// autofocus has the keyboard. hold(true) keeps it open until hold(false), but for
// close(); replace() puts others in the place of the children.
export function openDialog(title, ...children) {
	const opener = document.activeElement;
	const heading = make("h2", { id: `dialog-${++count}`, tabindex: -1 },
		title);
	const element = make("dialog", { class: "dialog",
		"aria-labelledby": heading.id }, heading,
	...children.filter(Boolean));
	let held = false;

	function hold(whether) {
		held = whether;
	}

	function close(value = "") {
		hold(false);
		element.close(value);
	}

	function replace(newTitle, ...newChildren) {
		heading.textContent = newTitle;
		element.replaceChildren(heading, ...newChildren.filter(Boolean));
		(element.querySelector("[autofocus]") ?? heading).focus();
	}

	guard(element, () => held);
	element.addEventListener("close", () => {
		if (held) {
			element.showModal();
			return;
		}
		element.remove();
		goBack(opener);
	});
	document.body.append(element);
	element.showModal();
	return { close, element, hold, replace };
}

// Resolves to whether it is wanted, and done. act: what is then done; while it is
// at it the dialog waits, and what goes wrong is said in it, to be tried again.
export function confirm({ title, text, action = "Go on", danger = false,
	act = null }) {
	const trouble = troublePlace();
	const no = make("button", { type: "button", class: "quiet",
		autofocus: danger, onclick: () => dialog.close() }, "Cancel");
	const yes = make("button", { type: "button", autofocus: !danger,
		class: danger ? "danger" : null, onclick: agree }, action);
	const words = [text].flat().map((part) => typeof part === "string"
		? make("p", {}, part) : part);
	const dialog = openDialog(title, ...words, trouble.element,
		make("p", { class: "answers" }, no, yes));

	async function agree() {
		no.disabled = yes.disabled = true;
		dialog.hold(true);
		trouble.clear();
		try {
			await act?.();
			dialog.close("yes");
		} catch (error) {
			dialog.hold(false);
			no.disabled = yes.disabled = false;
			yes.focus();
			trouble.show(error, yes);
		}
	}

	return new Promise((resolve) => {
		dialog.element.addEventListener("close", () => {
			if (!dialog.element.open)
				resolve(dialog.element.returnValue === "yes");
		});
	});
}
