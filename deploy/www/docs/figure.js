// The code example beside a call. The chosen language applies to all calls, the
// chosen body to one.

import { code, make } from "./dom.js";
import { languages, request, variants } from "./examples.js";

const STORED = "io7-language";

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
		class: "bodies", "aria-label": `Example body: ${operation.summary}` },
	bodies.map(({ title }, i) => make("option", { value: i }, title)));
}

// Applies a chosen language to all calls, and remembers it.
export function shareLanguage(reference) {
	const tell = (name) => {
		for (const one of reference.querySelectorAll(".example"))
			one.dispatchEvent(new CustomEvent("language", { detail: name }));
	};
	const chosen = sessionStorage.getItem(STORED);

	tell(languages[chosen] ? chosen : Object.keys(languages)[0]);
	reference.addEventListener("click", ({ target }) => {
		const button = target.closest("[data-language]");

		if (!button)
			return;
		const before = button.getBoundingClientRect().top;
		sessionStorage.setItem(STORED, button.dataset.language);
		tell(button.dataset.language);
		// The calls above change their height. Keep the button in place.
		scrollBy({ top: button.getBoundingClientRect().top - before,
			behavior: "instant" });
	});
}
