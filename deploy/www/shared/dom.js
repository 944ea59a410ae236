// dom: creates elements. Text is inserted as text, never parsed as markup.

function fill(element, attributes, children) {
	for (const [name, value] of Object.entries(attributes)) {
		if (name.startsWith("on"))
			element.addEventListener(name.slice(2), value);
		else if (value === true)
			element.setAttribute(name, "");
		else if (value !== false && value !== null)
			element.setAttribute(name, value);
	}
	element.append(...children.filter((child) => child !== null));
	return element;
}

// make("a", { href: "/", onclick: go }, "Home"); children that are null are skipped.
export function make(tag, attributes = {}, ...children) {
	return fill(document.createElement(tag), attributes, children);
}

export function find(id) {
	return document.getElementById(id);
}
