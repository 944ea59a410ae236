// The contents beside the reference: the calls by tag, a filter, and a mark for the
// section that is being read.

import { foldOnNarrow } from "../fold.js";
import { make } from "./dom.js";
import { method } from "./operation.js";

export function drawContents(contract) {
	const items = [];
	const groups = contract.tags.map((tag) => {
		const list = tag.operations.map((operation) => {
			const item = make("li", {}, make("a", { href: `#${operation.id}` },
				make("span", {}, operation.summary), method(operation)));

			items.push({ item, text: [operation.summary, operation.path,
				operation.method, operation.id, tag.name].join(" ")
				.toLowerCase() });
			return item;
		});

		return make("section", {},
			make("p", { class: "group" }, make("a", { href: `#tag-${tag.name}` }, tag.name)),
			make("ul", {}, list));
	});

	document.getElementById("guide-links").append(...guideLinks());
	document.getElementById("calls").append(...groups);
	watchFilter(items, groups);
	foldOnNarrow(document.getElementById("contents"));
	watchPlace();
}

function guideLinks() {
	return [...document.querySelectorAll("main section.guide")].map((part) =>
		make("li", {}, make("a", { href: `#${part.id}` }, part.id === "start"
			? "Introduction" : part.querySelector("h1, h2").textContent)));
}

function watchFilter(items, groups) {
	const field = document.getElementById("filter");
	const found = document.getElementById("found");
	const filter = () => {
		const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
		let count = 0;

		for (const { item, text } of items) {
			item.hidden = !words.every((word) => text.includes(word));
			count += !item.hidden;
		}
		for (const group of groups)
			group.hidden = !group.querySelector("li:not([hidden])");
		found.textContent = !words.length ? ""
			: `${count} of ${items.length} calls`;
	};

	field.addEventListener("input", filter);
	field.addEventListener("keydown", (event) => {
		const first = items.find(({ item }) => !item.hidden);

		if (event.key === "Escape")
			field.value = "";
		else if (event.key === "Enter" && first)
			first.item.querySelector("a").click();
		filter();
	});
	// A slash moves the focus to the filter, as in other references.
	document.addEventListener("keydown", (event) => {
		if (event.key === "/" && !event.ctrlKey && !event.metaKey
			&& !event.altKey && !event.target.closest("input, textarea, select")) {
			event.preventDefault();
			document.getElementById("contents").open = true;
			field.focus();
		}
	});
}

// Marks the entry of the section that is being read.
function watchPlace() {
	const links = new Map([...document.querySelectorAll(".contents a")]
		.map((link) => [link.hash.slice(1), link]));
	const mark = (id) => {
		for (const [one, link] of links) {
			if (one === id)
				link.setAttribute("aria-current", "location");
			else
				link.removeAttribute("aria-current");
		}
		showInContents(links.get(id));
	};
	// A call is nested in its tag and comes after it in the list: the last one wins.
	const watcher = new IntersectionObserver((entries) => {
		const top = entries.filter((entry) => entry.isIntersecting).at(-1);

		if (top)
			mark(top.target.id);
	}, { rootMargin: "-10% 0px -80% 0px" });

	for (const section of document.querySelectorAll("main section[id]")) {
		if (links.has(section.id))
			watcher.observe(section);
	}
}

// Scrolls the contents only, not the page, as scrollIntoView would.
function showInContents(link) {
	const box = document.querySelector(".contents");
	const [inner, outer] = [link, box].map((one) => one.getBoundingClientRect());

	if (inner.top < outer.top || inner.bottom > outer.bottom)
		box.scrollTop += inner.top - outer.top - box.clientHeight / 2;
}
