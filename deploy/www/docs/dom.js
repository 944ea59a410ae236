// Draws sentences, tables and code. Content is inserted as text; no markup is parsed.

import { copyButton } from "../copy.js";
import { make as makeElement } from "../dom.js";
import { blocks, spans } from "./markdown.js";

// Like make() of ../dom.js. Children may be lists; undefined ones are skipped too.
export function make(name, attributes = {}, ...children) {
	return makeElement(name, attributes,
		...children.flat().filter((child) => child != null));
}

// Draws `code` and links of a sentence as elements, the rest as text.
export function sentence(text) {
	return spans(text).map((span) => ({
		code: () => make("code", {}, span.text),
		link: () => make("a", { href: span.href }, span.text),
		text: () => span.text,
	})[span.kind]());
}

// A heading that links to itself, so that its URL can be copied.
export function heading(rank, id, text) {
	return make(`h${rank}`, {}, make("a", { href: `#${id}` }, text));
}

// A heading that has the id itself, instead of the section around it.
export function titled(rank, id, text) {
	const element = heading(rank, id, text);

	element.id = id;
	return element;
}

// Allows line breaks after slashes and underscores.
export function breakable(name) {
	return name.split(/(?<=[/_])/).flatMap((part) => [part, make("wbr")]);
}

// Draws a description.
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

// A box that scrolls sideways, also by keyboard, on a narrow screen.
export function wide(element, label) {
	return make("div", { class: "wide", tabindex: 0, role: "group",
		"aria-label": label }, element);
}

// Code with a caption and a button that copies it.
export function code(caption, text, ...controls) {
	const shown = make("code", {}, text);

	return make("figure", { class: "code" },
		make("figcaption", {}, make("span", {}, caption), controls,
			copyButton(() => shown.textContent)),
		make("pre", { tabindex: 0 }, shown));
}
