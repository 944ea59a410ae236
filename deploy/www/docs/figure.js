// The example beside a call: a language that all calls share, and which of its
// bodies it shows.

import { code, make } from "./dom.js";
import { languages, request, variants } from "./examples.js";

const MEMORY = "io7-language";

export function figure(contract, operation) {
	const bodies = variants(contract, operation);
	const buttons = Object.keys(languages).map((name) => make("button", {
		type: "button", "data-language": name, "aria-pressed": "false" }, name));
	const choice = chooser(operation, bodies);
	const element = code("Example", "",
		make("span", { class: "languages", role: "group",
			"aria-label": "Language of the examples" }, buttons));
	const shown = element.querySelector("pre code");
	let language = Object.keys(languages)[0];
	const show = () => {
		const { type, body } = bodies[choice?.value ?? 0];

		shown.textContent = languages[language](request(contract, operation,
			location.origin, { type, body }));
	};

	choice?.addEventListener("change", show);
	element.addEventListener("language", ({ detail }) => {
		language = detail;
		for (const button of buttons)
			button.setAttribute("aria-pressed",
				String(button.dataset.language === detail));
		show();
	});
	element.classList.add("example");
	if (choice)
		element.querySelector("figcaption").firstChild.replaceWith(choice);
	return element;
}

function chooser(operation, bodies) {
	return bodies.length < 2 ? null : make("select", {
		class: "bodies", "aria-label": `Example of: ${operation.summary}` },
	bodies.map(({ title }, i) => make("option", { value: i }, title)));
}

// A language that is chosen at one call is chosen at all, and remembered.
export function shareLanguage(reference) {
	const tell = (name) => {
		for (const one of reference.querySelectorAll(".example"))
			one.dispatchEvent(new CustomEvent("language", { detail: name }));
	};
	const chosen = sessionStorage.getItem(MEMORY);

	tell(languages[chosen] ? chosen : Object.keys(languages)[0]);
	reference.addEventListener("click", ({ target }) => {
		const button = target.closest("[data-language]");

		if (!button)
			return;
		const before = button.getBoundingClientRect().top;
		sessionStorage.setItem(MEMORY, button.dataset.language);
		tell(button.dataset.language);
		// Calls above grow and shrink: the button stays where it was.
		scrollBy({ top: button.getBoundingClientRect().top - before,
			behavior: "instant" });
	});
}
