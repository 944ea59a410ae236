// editor: a field for JSON with line numbers, which reports errors as the user types.
// It never changes the text by itself.

import { make } from "../dom.js";
import { bytes, counted } from "../format.js";
import { layout } from "../json.js";
import { checkJson } from "../jsoncheck.js";

// Milliseconds without typing before the text is checked; a long text takes longer.
const pause = { short: 120, long: 500, from: 100_000 };

// The number of bytes in UTF-8.
function sizeOf(text) {
	return new Blob([text]).size;
}

// The formatted text if it is JSON, else the text itself.
export function formatted(text) {
	return checkJson(text).fault?.kind === "syntax" ? text : layout(text);
}

function numbers(lines) {
	return Array.from({ length: lines }, (_, i) => i + 1).join("\n");
}

// id: the id of the field. onChange is called after every edit.
export function createEditor({ id, label, onChange }) {
	const gutter = make("pre", { class: "lines", "aria-hidden": "true" }, "1");
	const field = make("textarea", { id, wrap: "off", spellcheck: "false",
		autocapitalize: "off", autocomplete: "off", "aria-label": label,
		"aria-describedby": `${id}-verdict`, oninput: change,
		onscroll: () => { gutter.scrollTop = field.scrollTop; } });
	const verdict = make("p", { id: `${id}-verdict`, class: "verdict",
		role: "status" });
	const element = make("div", { class: "editor" },
		make("div", { class: "sheet" }, gutter, field), verdict);
	let lines = 1, timer = null;

	function count() {
		const now = field.value.split("\n").length;

		if (now !== lines)
			gutter.textContent = numbers(now);
		lines = now;
		gutter.scrollTop = field.scrollTop;
	}

	function goTo({ at, line }) {
		const height = field.scrollHeight / lines;

		field.focus();
		field.setSelectionRange(at, at + 1);
		field.scrollTop = Math.max(0, (line - 4) * height);
	}

	function link(place) {
		return make("button", { type: "button", class: "place",
			onclick: () => goTo(place) },
		`Line ${place.line}, column ${place.column}`);
	}

	function note({ fault, repeated }) {
		const isEmpty = field.value.trim() === "";

		element.dataset.verdict = isEmpty ? "empty" : fault ? "wrong"
			: repeated.length ? "odd" : "fine";
		field.setAttribute("aria-invalid",
			fault && !isEmpty ? "true" : "false");
		if (isEmpty) {
			verdict.textContent = "Enter a JSON value: an object, an array, a"
				+ " string in quotes, a number, true, false or null.";
			return;
		}
		if (fault) {
			verdict.replaceChildren(link(fault), `: ${fault.message}`);
			return;
		}
		const [second] = repeated;
		verdict.replaceChildren(...second
			? [link(second), `: duplicate name “${second.name}”. The last`
				+ " one is used."]
			: [`JSON, ${counted(lines, "line")},`
				+ ` ${bytes(sizeOf(field.value))}`]);
	}

	// Checks the text, shows the result and returns the first error or null.
	function check() {
		const found = checkJson(field.value);

		clearTimeout(timer);
		note(found);
		return found.fault;
	}

	function change() {
		count();
		clearTimeout(timer);
		timer = setTimeout(check, field.value.length > pause.from
			? pause.long : pause.short);
		onChange();
	}

	function write(text) {
		field.value = text;
		count();
		check();
	}

	// Formats the text. It is inserted like typed text, so that undo works.
	function format() {
		const fault = check();

		if (fault?.kind === "syntax") {
			goTo(fault);
			return;
		}
		const text = layout(field.value);
		field.focus();
		if (text === field.value)
			return;
		field.select();
		if (!document.execCommand("insertText", false, text))
			write(text);
		field.setSelectionRange(0, 0);
		field.scrollTop = 0;
	}

	return { element, field, format, goTo, check, write,
		get text() { return field.value; } };
}
