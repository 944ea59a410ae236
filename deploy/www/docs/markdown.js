// Parses the subset of Markdown that the descriptions use: headings, paragraphs,
// lists, tables and fenced code. Returns plain objects, which dom.js draws.

const FENCE = "```";

export function slug(title) {
	return title.toLowerCase().replace(/[^a-z0-9]+/g, "-");
}

// The sections below headings of level 2. The text before the first has no title.
export function sections(text) {
	const [first, ...rest] = text.split(/^## /m);

	return [{ title: "", id: "", text: first }, ...rest.map((part) => {
		const end = part.indexOf("\n");
		const title = part.slice(0, end).trim();

		return { title, id: slug(title), text: part.slice(end + 1) };
	})];
}

// {kind: "code", text}, {kind: "list", items}, {kind: "table", head, rows} or
// {kind: "text", text}.
export function blocks(text) {
	return text.split(/^(```\n[^]*?\n```)$/m).flatMap((part) =>
		part.startsWith(FENCE)
			? [{ kind: "code", text: part.slice(4, -4) }]
			: part.split(/\n\n+/).map((one) => one.trim())
				.filter(Boolean).map(block));
}

function block(text) {
	if (text.startsWith("|"))
		return table(text);
	if (text.startsWith("- "))
		return { kind: "list", items: text.slice(2).split(/\n- /) };
	return { kind: "text", text };
}

function table(text) {
	const [head, , ...rows] = text.split("\n").map((line) =>
		line.replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim()));

	return { kind: "table", head, rows };
}

// `code`, [a link](#within) and the text between, as {kind, text, href}.
export function spans(text) {
	return text.split(/(`[^`]+`|\[[^\]]+\]\(#[\w-]+\))/).filter(Boolean)
		.map((part) => {
			const link = part.match(/^\[(.+)\]\((#.+)\)$/);

			if (link)
				return { kind: "link", text: link[1], href: link[2] };
			return /^`.+`$/.test(part)
				? { kind: "code", text: part.slice(1, -1) }
				: { kind: "text", text: part };
		});
}
