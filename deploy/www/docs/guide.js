// The sections about all calls: the description in the contract, together with the
// credentials, limits and errors that it declares elsewhere.

import { breakable, code, heading, make, prose, sentence, table, titled,
	wide } from "./dom.js";
import { print } from "./contract.js";
import { drawLimits } from "./limits.js";
import { sections } from "./markdown.js";

const EXTRAS = {
	authentication: credentials, limits, errors,
};

export function drawGuide(contract) {
	const [about, ...parts] = sections(contract.document.info.description);

	document.getElementById("about").append(...prose(about.text));
	document.getElementById("guide").append(...parts.map((part) =>
		make("section", { id: part.id, class: "guide" },
			heading(2, part.id, part.title), prose(part.text),
			EXTRAS[part.id]?.(contract))));
}

function terms(rows) {
	return make("dl", { class: "terms" }, rows.map(([term, meaning]) => [
		make("dt", {}, make("code", {}, breakable(term))),
		make("dd", {}, sentence(meaning ?? ""))]).flat());
}

function credentials({ document: { components } }) {
	return [terms(Object.values(components.securitySchemes).map((one) =>
		[one.bearerFormat ?? one.name, one.description])),
	titled(3, "authentication/scopes", "Scopes of a key"),
	make("p", {}, sentence(components.schemas.Scopes.description))];
}

function limits(contract) {
	const { headers } = contract.document.components;
	const described = Object.entries(headers)
		.filter(([name]) => /RateLimit|Retry-After/.test(name))
		.map(([name, one]) => [name, one.description]);

	return [titled(3, "limits/plans", "Plans"),
		wide(make("div", { id: "plans" }), "The plans"),
		titled(3, "limits/answers", "Response headers"), terms(described),
		...drawLimits(contract)];
}

function errors(contract) {
	const { responses } = contract.document.components;
	const rows = [...contract.document["x-errors"]].sort((a, b) =>
		a.status - b.status);
	const all = table(["Status", "Code", "Message", "What to do"],
		rows.map((error) => [
			make("b", { "data-class": String(error.status)[0] },
				String(error.status)),
			make("a", { href: `#error-${error.code}` },
				make("code", {}, breakable(error.code))),
			error.message, make("span", {}, sentence(error.advice))]));

	all.classList.add("stacked");
	all.querySelectorAll("tbody tr").forEach((row, i) => {
		row.id = `error-${rows[i].code}`;
	});
	return [code("Example error", print(responses.bad_request
		.content["application/json"].example)),
	make("div", { id: "error-table" }, all)];
}
