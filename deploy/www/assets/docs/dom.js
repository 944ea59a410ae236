// Elements and text. Whatever comes from outside goes through here, and only
// ever becomes text: no markup is parsed.

// make("a", {class: "x", href: "#y"}, "text", child): null children are left
// out, an attribute that is false or null is not set.
export function make(name, attributes = {}, ...children) {
	const element = document.createElement(name);

	for (const [key, value] of Object.entries(attributes)) {
		if (value !== false && value != null)
			element.setAttribute(key, value === true ? "" : value);
	}
	element.append(...children.flat().filter((child) => child != null));
	return element;
}

// `code` of a sentence as an element, the rest as text.
export function sentence(text) {
	return text.split(/(`[^`]+`)/).filter(Boolean).map((part) =>
		/^`.+`$/.test(part) ? make("code", {}, part.slice(1, -1)) : part);
}

// A long name may break behind a slash or a low line.
export function breakable(name) {
	return name.split(/(?<=[/_])/).flatMap((part) => [part, make("wbr")]);
}

// A description: paragraphs, and the tables that Markdown draws with bars.
export function prose(text) {
	return (text ?? "").split(/\n\n+/).filter(Boolean).map((block) =>
		block.startsWith("|") ? table_of_bars(block)
			: make("p", {}, sentence(block)));
}

function table_of_bars(block) {
	const rows = block.split("\n").map((line) =>
		line.replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim()));

	return wide(table(rows[0], rows.slice(2).map((row) =>
		row.map(sentence))), rows[0].join(", "));
}

export function table(heads, rows) {
	return make("table", {},
		make("thead", {}, make("tr", {}, heads.map((head) =>
			make("th", { scope: "col" }, head)))),
		make("tbody", {}, rows.map((row) =>
			make("tr", {}, row.map((cell) => make("td", {}, cell))))));
}

// What may be wider than a narrow screen scrolls by itself, by keyboard too.
export function wide(element, label) {
	return make("div", { class: "wide", tabindex: 0, role: "group",
		"aria-label": label }, element);
}

// A piece of code under a caption, with a button that copies it.
export function code(caption, text, ...controls) {
	const shown = make("code", {}, text);

	return make("figure", { class: "code" },
		make("figcaption", {}, make("span", {}, caption), controls,
			copier(() => shown.textContent)),
		make("pre", { tabindex: 0 }, shown));
}

// A clipboard is there only where the page came by HTTPS or from this machine.
function copier(text) {
	if (!navigator.clipboard)
		return null;
	const button = make("button", { type: "button", class: "quiet" }, "Copy");

	button.addEventListener("click", async () => {
		try {
			await navigator.clipboard.writeText(text());
			button.textContent = "Copied";
		} catch {
			button.textContent = "Not allowed";
		}
		setTimeout(() => { button.textContent = "Copy"; }, 2000);
	});
	return button;
}
