// editor: a field for JSON, with line numbers, that says while one types where the
// text goes wrong. It changes nothing of the text by itself.

import { make } from "../dom.js";
import { bytes, counted } from "../format.js";
import { layout } from "../json.js";
import { checkJson } from "../jsoncheck.js";

// A long text is judged when typing pauses.
const pause = { short: 120, long: 500, from: 100_000 };

// How many bytes it has on the wire.
function sizeOf(text) {
	return new Blob([text]).size;
}

// Laid out, if it is JSON; else as it is.
export function laidOut(text) {
	return checkJson(text).fault?.kind === "syntax" ? text : layout(text);
}

function numbers(lines) {
	return Array.from({ length: lines }, (_, i) => i + 1).join("\n");
}

// id: of the field; onChange: whatever was typed.
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
			verdict.textContent = "A JSON value: an object, a list, a text in"
				+ " quotes, a number, true, false or null.";
			return;
		}
		if (fault) {
			verdict.replaceChildren(link(fault), `: ${fault.message}`);
			return;
		}
		const [again] = repeated;
		verdict.replaceChildren(...again
			? [link(again), `: “${again.name}” stands there again; the`
				+ " last one counts."]
			: [`JSON, ${counted(lines, "line")},`
				+ ` ${bytes(sizeOf(field.value))}`]);
	}

	// The first fault, which is also shown; null: there is none.
	function judge() {
		const found = checkJson(field.value);

		clearTimeout(timer);
		note(found);
		return found.fault;
	}

	function change() {
		count();
		clearTimeout(timer);
		timer = setTimeout(judge, field.value.length > pause.from
			? pause.long : pause.short);
		onChange();
	}

	function write(text) {
		field.value = text;
		count();
		judge();
	}

	// Lays the text out, as far as it is JSON, so that it can be undone.
	function format() {
		const fault = judge();

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

	return { element, field, format, goTo, judge, write,
		get text() { return field.value; } };
}
