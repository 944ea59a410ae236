// dialog: modal dialogs, made of <dialog>. The page below is inert, Escape closes
// the dialog, and the focus returns to where it was.

import { find, make } from "./dom.js";
import { errorBox } from "./errorbox.js";

let count = 0;

function isEscape(event) {
	return event.key === "Escape";
}

// An element that was drawn again since then is found by its id.
function restoreFocus(opener) {
	const target = opener.isConnected ? opener : find(opener.id);

	if (target && target !== document.activeElement)
		target.focus();
}

// Keeps a held dialog open. Browsers let a second Escape close it even if the first
// was prevented.
function blockEscape(element, isHeld) {
	element.addEventListener("keydown", (event) => {
		if (isEscape(event) && isHeld())
			event.preventDefault();
	});
	element.addEventListener("cancel", (event) => {
		if (isHeld())
			event.preventDefault();
	});
}

// Opens a dialog. The first child with autofocus gets the focus. hold(true) prevents
// the user from closing it until hold(false); close() closes it in any case;
// replace() replaces title and children, replaceTitle() the title.
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
		replaceTitle(newTitle);
		element.replaceChildren(heading, ...newChildren.filter(Boolean));
		(element.querySelector("[autofocus]") ?? heading).focus();
	}

	function replaceTitle(newTitle) {
		heading.textContent = newTitle;
	}

	blockEscape(element, () => held);
	element.addEventListener("close", () => {
		if (held) {
			element.showModal();
			return;
		}
		element.remove();
		restoreFocus(opener);
	});
	document.body.append(element);
	element.showModal();
	return { close, element, hold, replace, replaceTitle };
}

// Asks for confirmation and resolves to whether the user agreed. act runs before the
// dialog closes; if it fails, the error is shown in the dialog and the user can try
// again.
export function confirm({ title, text, action, danger = false,
	act = null }) {
	const trouble = errorBox();
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
