// One call of the API: what it takes, what it answers, and examples.

import { breakable, code, heading, make, prose, sentence, titled }
	 from "./dom.js";
import { written } from "./contract.js";
import { figure } from "./figure.js";
import { field, schemaList } from "./schema.js";
import { tryForm } from "./try.js";

const WORDS = {
	key: "API key", session: "session token", cookie: "browser session",
	jwt: "JWT",
};

export function operationSection(contract, operation) {
	return make("section", { id: operation.id, class: "call" },
	make("div", { class: "words" },
		heading(3, operation.id, operation.summary),
		make("p", { class: "route" }, method(operation), " ",
			make("code", {}, breakable(operation.path))),
		make("div", { class: "prose" }, prose(operation.description)),
		who(operation),
		parameters(contract, operation),
		body(contract, operation),
		answers(contract, operation)),
	make("div", { class: "code-side" },
		figure(contract, operation),
		tryForm(contract, operation)));
}

export function method(operation) {
	return make("span", { class: "method", "data-method": operation.method },
		operation.method);
}

function part(operation, name, text) {
	return titled(4, `${operation.id}/${name}`, text);
}

// The accepted credentials and the cost.
function who({ credentials, scopes, "x-credits": credits }) {
	if (!credentials.length)
		return make("p", { class: "who" }, "No credential required.");
	const kinds = credentials.flatMap((one, i) => [i ? ", " : "",
		WORDS[one] ?? one, one === "key" && scopes.length
			? [" with scope ", make("code", {}, scopes.join(", "))] : null]);

	return make("p", { class: "who" },
		make("a", { href: "#authentication" }, "Credentials"), ": ",
		kinds.flat(), ". ", make("a", { href: "#limits" }, "Cost"), ": ",
		credits === 1 ? "1 credit." : credits ? `${credits} credits.`
			: "none.");
}

function parameters(contract, operation) {
	const places = { path: "Path parameters", query: "Query parameters",
		header: "Headers" };

	return Object.entries(places).flatMap(([place, title]) => {
		const here = operation.parameters.filter((one) =>
			one.in === place && !one["x-everywhere"]);

		return here.length ? [part(operation, place, title),
			make("ul", { class: "schema" }, here.map((one) => make("li", {},
				field(contract, one.name, one.schema, one.required,
					one.description))))] : [];
	});
}

function body(contract, operation) {
	const given = operation.body;

	if (!given)
		return [];
	return [part(operation, "body", given.required ? "Body"
		: "Body (optional)"),
		...prose(given.description),
		...Object.entries(given.content).flatMap(([type, media]) => [
			make("p", {}, make("code", {}, type)),
			schemaList(contract, media.schema ?? {})])];
}

function answers(contract, operation) {
	return [part(operation, "answers", "Responses"),
		...operation.answers.filter(({ status }) => status !== "default")
			.map((answer) => make("details", { class: "answer" },
				make("summary", {}, make("b", { "data-class": answer.status[0] },
					answer.status), " ", sentence(answer.description)),
				headers(contract, answer),
				content(contract, answer)))];
}

// Headers of every response are described once, in the guide.
function headers(contract, { headers: named = {} }) {
	const list = Object.entries(named)
		.map(([name, header]) => [name, contract.follow(header)])
		.filter(([, one]) => !one["x-everywhere"]);

	return list.length ? make("ul", { class: "schema" },
		list.map(([name, one]) => make("li", {},
			field(contract, name, one.schema ?? {}, false,
				one.description)))) : null;
}

function content(contract, { content: types = {} }) {
	return Object.entries(types).flatMap(([type, media]) => [
		...contract.examples(media).map(([name, value]) =>
			code(name ? `${type}: ${name}` : type, written(value, type))),
		plain(contract, media.schema) ? null : make("details", {},
			make("summary", {}, `Fields of ${type}`),
			schemaList(contract, media.schema ?? {}))]);
}

// Plain text has no fields, and errors are described once, in the guide.
function plain(contract, schema) {
	return contract.name(schema) === "Error"
		|| contract.follow(schema).type === "string";
}
