// Draws a schema as a list of its properties. Nested ones are collapsed.

import { make, sentence } from "./dom.js";

const DEEPEST = 5;

export function schemaList(contract, schema, depth = 0) {
	const s = contract.follow(schema);
	const variants = s.oneOf ?? s.anyOf;

	if (variants) {
		return make("div", {}, variants.map((one, i) => make("div", {},
			make("p", { class: "soft" },
				`${i ? "Or" : "Either"}: ${contract.name(one) ?? typeOf(contract, one)}`),
			schemaList(contract, one, depth))));
	}
	if (s.allOf)
		return make("div", {}, s.allOf.map((one) =>
			schemaList(contract, one, depth)));
	const inside = innermost(contract, s);
	const properties = Object.entries(inside.properties ?? {});
	if (!properties.length)
		return make("p", { class: "soft" }, typeOf(contract, s),
			s.description ? [". ", sentence(s.description)] : null);
	return make("ul", { class: "schema" }, properties.map(([name, one]) =>
		make("li", {}, property(contract, name, one,
			(inside.required ?? []).includes(name), depth))));
}

function property(contract, name, schema, required, depth) {
	const s = contract.follow(schema);
	const inside = innermost(contract, s);
	const more = inside.properties || inside.oneOf || inside.anyOf
		|| inside.allOf;
	const head = field(contract, name, schema, required);

	if (!more || depth >= DEEPEST)
		return head;
	return [...head, make("details", {},
		make("summary", {}, `Members of ${name}`),
		schemaList(contract, inside, depth + 1))];
}

// Name, type, whether it is required, and description.
export function field(contract, name, schema, required, description) {
	const s = contract.follow(schema);
	const about = description ?? schema.description ?? s.description;

	return [make("p", {}, make("code", { class: "name" }, name), " ",
		make("span", { class: "soft" }, typeOf(contract, schema)),
		required ? make("span", { class: "must" }, " required") : null),
	about ? make("p", { class: "soft" }, sentence(about)) : null];
}

// The item type of nested arrays.
function innermost(contract, schema) {
	let s = contract.follow(schema);

	for (let i = 0; s.items && i < DEEPEST; i++)
		s = contract.follow(s.items);
	return s;
}

function typeOf(contract, schema, depth = 0) {
	const s = contract.follow(schema);
	const types = [s.type ?? []].flat().map((type) =>
		type === "array" && depth < DEEPEST
			? `array of ${typeOf(contract, s.items, depth + 1)}` : type);

	if (s.const !== undefined)
		return JSON.stringify(s.const);
	if (s.enum)
		return s.enum.map((one) => JSON.stringify(one)).join(" | ");
	if (s.oneOf || s.anyOf)
		return "one of several";
	return [types.join(" or ") || "any JSON value", s.format, bounds(s),
		s.default === undefined ? null : `default ${JSON.stringify(s.default)}`]
		.filter(Boolean).join(", ");
}

function bounds(s) {
	const range = (least, most, of) => {
		const number = (n) => Number(n).toLocaleString("en");

		if (least === undefined && most === undefined)
			return null;
		if (most === undefined)
			return `from ${number(least)}${of}`;
		return least === undefined ? `up to ${number(most)}${of}`
			: `${number(least)} to ${number(most)}${of}`;
	};

	return [range(s.minimum, s.maximum, ""),
		range(s.minLength, s.maxLength, " characters"),
		range(s.minItems, s.maxItems, " items")].filter(Boolean).join(", ");
}
