// Sentences, tables and code as elements. Whatever comes from outside goes through
// here, and only ever becomes text: no markup is parsed.

import { copyButton } from "../copy.js";
import { make as make_of } from "../dom.js";
import { blocks, spans } from "./markdown.js";

// As everywhere, but a child may be a list, and what is not there is left out.
export function make(name, attributes = {}, ...children) {
	return make_of(name, attributes,
		...children.flat().filter((child) => child != null));
}

// `code` and links of a sentence as elements, the rest as text.
export function sentence(text) {
	return spans(text).map((span) => ({
		code: () => make("code", {}, span.text),
		link: () => make("a", { href: span.href }, span.text),
		text: () => span.text,
	})[span.kind]());
}

// A heading that leads to itself, so that its address can be copied.
export function heading(rank, id, text) {
	return make(`h${rank}`, {}, make("a", { href: `#${id}` }, text));
}

// One that has the address itself, and not the section around it.
export function titled(rank, id, text) {
	const element = heading(rank, id, text);

	element.id = id;
	return element;
}

// A long name may break behind a slash or a low line.
export function breakable(name) {
	return name.split(/(?<=[/_])/).flatMap((part) => [part, make("wbr")]);
}

// A description, drawn.
export function prose(text) {
	return blocks(text ?? "").map((block) => ({
		code: () => code("", block.text),
		list: () => make("ul", {}, block.items.map((item) =>
			make("li", {}, sentence(item)))),
		table: () => wide(table(block.head, block.rows.map((row) =>
			row.map(sentence))), block.head.join(", ")),
		text: () => make("p", {}, sentence(block.text)),
	})[block.kind]());
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
