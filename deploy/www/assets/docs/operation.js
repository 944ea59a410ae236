// One call of the API: what it takes, what it answers, and examples.

import { breakable, code, make, prose, sentence } from "./dom.js";
import { print, written } from "./contract.js";
import { languages, request, sent } from "./examples.js";
import { field, schema_list } from "./schema.js";
import { try_form } from "./try.js";

const WORDS = {
	key: "API key", session: "session token", cookie: "browser session",
	jwt: "JWT",
};

export function operation_section(contract, operation) {
	return make("section", { id: operation.id, class: "call" },
	make("div", { class: "words" },
		make("h3", {}, make("a", { href: `#${operation.id}` },
			operation.summary)),
		make("p", { class: "route" }, method(operation), " ",
			make("code", {}, breakable(operation.path))),
		make("div", { class: "prose" }, prose(operation.description)),
		who(operation),
		parameters(contract, operation),
		body(contract, operation),
		answers(contract, operation)),
	make("div", { class: "code-side" },
		example(contract, operation),
		try_form(contract, operation)));
}

export function method(operation) {
	return make("span", { class: "method", "data-method": operation.method },
		operation.method);
}

function who({ credentials }) {
	if (!credentials.length)
		return make("p", { class: "who" }, "No credential is needed.");
	return make("p", { class: "who" }, make("a", { href: "#who" }, "Takes"),
		": ", credentials.map((one) => WORDS[one] ?? one).join(", "), ".");
}

function parameters(contract, { parameters: all }) {
	const places = { path: "In the path", query: "In the query",
		header: "Headers", cookie: "Cookies" };

	return Object.entries(places).map(([place, title]) => {
		const here = all.filter((one) => one.in === place);

		return here.length ? [make("h4", {}, title),
			make("ul", { class: "schema" }, here.map((one) => make("li", {},
				field(contract, one.name, one.schema, one.required,
					one.description))))] : null;
	}).flat();
}

function body(contract, { body: given }) {
	if (!given)
		return [];
	return [make("h4", {}, given.required ? "Body" : "Body, if there is one"),
		...prose(given.description),
		...Object.entries(given.content).flatMap(([type, media]) => [
			make("p", {}, make("code", {}, type)),
			schema_list(contract, media.schema ?? {}),
			...contract.examples(media).map(([name, value]) =>
				code(name ? `Example: ${name}` : "Example", sent(type, value)))])];
}

function answers(contract, { answers: all }) {
	return [make("h4", {}, "Answers"),
		...all.filter(({ status }) => status !== "default").map((answer) =>
			make("details", { class: "answer" },
				make("summary", {}, make("b", { "data-class": answer.status[0] },
					answer.status), " ", sentence(answer.description)),
				headers(contract, answer),
				content(contract, answer)))];
}

function headers(contract, { headers: named = {} }) {
	const list = Object.entries(named).filter(([name]) =>
		name !== "X-Request-Id");

	return list.length ? make("ul", { class: "schema" },
		list.map(([name, header]) => {
			const one = contract.follow(header);

			return make("li", {}, field(contract, name, one.schema ?? {}, false,
				one.description));
		})) : null;
}

function content(contract, { content: types = {} }) {
	return Object.entries(types).flatMap(([type, media]) => [
		...contract.examples(media).map(([name, value]) =>
			code(name ? `${type}: ${name}` : type, type.includes("json")
				&& !type.includes("ndjson") ? print(value) : written(value))),
		make("details", {}, make("summary", {}, `Fields of ${type}`),
			schema_list(contract, media.schema ?? {}))]);
}

// One figure whose language all calls share.
function example(contract, operation) {
	const asked = request(contract, operation);
	const texts = Object.entries(languages).map(([name, say]) =>
		[name, say(asked)]);
	const buttons = texts.map(([name]) => make("button", { type: "button",
		"data-language": name, "aria-pressed": "false" }, name));
	const figure = code("Example", texts[0][1],
		make("span", { class: "languages", role: "group",
			"aria-label": "Language of the examples" }, buttons));
	const shown = figure.querySelector("pre code");

	figure.addEventListener("language", ({ detail }) => {
		shown.textContent = texts.find(([name]) => name === detail)[1];
		for (const button of buttons)
			button.setAttribute("aria-pressed",
				String(button.dataset.language === detail));
	});
	figure.classList.add("example");
	return figure;
}

// A language that is chosen at one call is chosen at all, and remembered.
export function share_language(reference) {
	const tell = (name) => {
		for (const figure of reference.querySelectorAll(".example"))
			figure.dispatchEvent(new CustomEvent("language", { detail: name }));
	};
	const chosen = sessionStorage.getItem("io7-language");

	tell(languages[chosen] ? chosen : Object.keys(languages)[0]);
	reference.addEventListener("click", ({ target }) => {
		const button = target.closest("[data-language]");

		if (!button)
			return;
		const before = button.getBoundingClientRect().top;
		sessionStorage.setItem("io7-language", button.dataset.language);
		tell(button.dataset.language);
		// Calls above grow and shrink: the button stays where it was.
		scrollBy({ top: button.getBoundingClientRect().top - before,
			behavior: "instant" });
	});
}
