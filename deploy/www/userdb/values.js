// values: shows values of SQLite as they are: 64-bit integers with all digits, floats
// with their point, blobs as bytes, and NULL apart from the text.

import { make } from "../dom.js";
import { bytes } from "../format.js";

const shortText = 120; // characters
const shortBlob = 16; // bytes

// "1.0", "0.1", "1e+300". JSON has no infinity: the server sends null.
function float(value) {
	if (value === null)
		return "Infinity";
	const text = String(value);

	return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

function decoded(base64) {
	return Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
}

function hex(data) {
	return Array.from(data, (one) => one.toString(16).padStart(2, "0")).join("");
}

const escapes = { "\0": "\\0", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

function escaped(one) {
	return escapes[one] ?? `\\x${one.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

// A text whose control characters are shown as escapes, apart from the text.
function visible(text) {
	return text.split(/([\0-\x1f\x7f]+)/).filter(Boolean).map((part) =>
		/[\0-\x1f\x7f]/.test(part) ? make("span", { class: "escape" },
			Array.from(part, escaped).join("")) : part);
}

// A value that is cut off is shown as a whole when the user opens it.
function folded(whole, ...short) {
	return make("details", { class: "long" }, make("summary", {}, ...short),
		make("pre", { tabindex: 0 }, whole));
}

function blob(base64) {
	const data = decoded(base64);
	const start = `x'${hex(data.subarray(0, shortBlob))}`;

	if (data.length <= shortBlob)
		return [`${start}'`];
	return [folded(`x'${hex(data)}'`, `${start}…' ${bytes(data.length)}`)];
}

function text(value) {
	if (value.length <= shortText)
		return visible(value);
	// Not half a character.
	const start = value.slice(0, shortText).replace(/[\ud800-\udbff]$/, "");

	return [folded(value, ...visible(start), "…")];
}

// What a cell shows.
function shown({ type, value, base64 }) {
	return {
		null: () => ["NULL"],
		integer: () => [value],
		float: () => [float(value)],
		text: () => text(value),
		blob: () => blob(base64),
	}[type]();
}

export function cell(value) {
	return make("td", { class: value.type }, ...shown(value));
}

// A table of a result; columns: { name, type }.
export function grid(columns, rows, label) {
	return make("div", { class: "scroll rows-of-table", tabindex: 0, role: "region",
		"aria-label": label },
	make("table", {}, make("thead", {}, make("tr", {}, ...columns.map(
		({ name, type }) => make("th", { scope: "col" }, name,
			type ? make("span", { class: "type" }, ` ${type}`) : null)))),
	make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map(cell))))));
}
