// Sentences, tables and code as elements. Whatever comes from outside goes through
// here, and only ever becomes text: no markup is parsed.

import { copyButton } from "../copy.js";
import { make as make_of } from "../dom.js";

// As everywhere, but a child may be a list, and what is not there is left out.
export function make(name, attributes = {}, ...children) {
	return make_of(name, attributes,
		...children.flat().filter((child) => child != null));
}

// `code` of a sentence as an element, the rest as text.
export function sentence(text) {
	return text.split(/(`[^`]+`)/).filter(Boolean).map((part) =>
		/^`.+`$/.test(part) ? make("code", {}, part.slice(1, -1)) : part);
}

// A long name may break behind a slash or a low line.
export function breakable(name) {
	return name.split(/(?<=[/_])/).flatMap((part) => [part, make("wbr")]);
}

// A description: paragraphs, and the tables that Markdown draws with bars.
export function prose(text) {
	return (text ?? "").split(/\n\n+/).filter(Boolean).map((block) =>
		block.startsWith("|") ? table_of_bars(block)
			: make("p", {}, sentence(block)));
}

function table_of_bars(block) {
	const rows = block.split("\n").map((line) =>
		line.replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim()));

	return wide(table(rows[0], rows.slice(2).map((row) =>
		row.map(sentence))), rows[0].join(", "));
}

export function table(heads, rows) {
	return make("table", {},
		make("thead", {}, make("tr", {}, heads.map((head) =>
			make("th", { scope: "col" }, head)))),
		make("tbody", {}, rows.map((row) =>
			make("tr", {}, row.map((cell) => make("td", {}, cell))))));
}

// What may be wider than a narrow screen scrolls by itself, by keyboard too.
export function wide(element, label) {
	return make("div", { class: "wide", tabindex: 0, role: "group",
		"aria-label": label }, element);
}

// A piece of code under a caption, with a button that copies it.
export function code(caption, text, ...controls) {
	const shown = make("code", {}, text);

	return make("figure", { class: "code" },
		make("figcaption", {}, make("span", {}, caption), controls,
			copyButton(() => shown.textContent)),
		make("pre", { tabindex: 0 }, shown));
}
