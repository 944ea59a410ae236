// The API reference: reads openapi.json, draws it, and scrolls to the fragment of
// the URL.

import { drawContents } from "./contents.js";
import { Contract } from "./contract.js";
import { heading, make } from "./dom.js";
import { drawGuide } from "./guide.js";
import { drawPlans } from "./limits.js";
import { watchPrinting } from "./print.js";
import { watchForm } from "./key.js";
import { shareLanguage } from "./figure.js";
import { operationSection } from "./operation.js";

const wait = document.getElementById("wait");

async function draw() {
	const answer = await fetch("/openapi.json");

	if (!answer.ok)
		throw new Error(`status ${answer.status}`);
	const contract = new Contract(await answer.text());
	const reference = document.getElementById("reference");

	reference.append(...contract.tags.map((tag) =>
		make("section", { id: `tag-${tag.name}`, class: "tag" },
			make("header", {}, heading(2, `tag-${tag.name}`, tag.name),
				make("p", { class: "soft" }, tag.description ?? "")),
			tag.operations.map((operation) =>
				operationSection(contract, operation)))));
	drawGuide(contract);
	drawContents(contract);
	drawPlans();
	shareLanguage(reference);
	wait.hidden = true;
	go();
}

// A fragment that is not valid percent-encoding is used unchanged.
function named(hash) {
	try {
		return decodeURIComponent(hash.slice(1));
	} catch {
		return hash.slice(1);
	}
}

// The browser cannot scroll to a section before it is drawn.
function go() {
	const target = document.getElementById(named(location.hash));

	if (!target)
		return;
	const place = target.matches("section")
		? target.querySelector("h1, h2, h3") : target;
	target.scrollIntoView({ behavior: "instant" });
	if (place) {
		place.tabIndex = -1;
		place.focus({ preventScroll: true });
	}
}

watchForm();
watchPrinting();
addEventListener("hashchange", go);
draw().catch((error) => {
	wait.textContent = `openapi.json could not be loaded: ${error.message}. `;
	wait.append(make("a", { href: "" }, "Try again"));
	wait.className = "wrong";
});
