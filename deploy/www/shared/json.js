// json: formats stored values as text. They are not parsed, because JavaScript's
// numbers would lose digits.

const marks = "{}[]:,";
const blanks = " \t\n\r";

// Deeper levels are not indented further: the text would consist mostly of blanks.
const deepest = 32;

function endOfString(text, at) {
	let end = at + 1;

	while (end < text.length && text[end] !== '"')
		end += text[end] === "\\" ? 2 : 1;
	return end + 1;
}

function endOfWord(text, at) {
	let end = at + 1;

	while (end < text.length && !marks.includes(text[end])
		&& !blanks.includes(text[end]))
		end++;
	return end;
}

// Yields the strings, words and punctuation of a text with their positions.
function* tokens(text) {
	let at = 0;

	while (at < text.length) {
		let end = at + 1;

		if (text[at] === '"')
			end = endOfString(text, at);
		else if (!marks.includes(text[at]) && !blanks.includes(text[at]))
			end = endOfWord(text, at);
		if (!blanks.includes(text[at]))
			yield { at, text: text.slice(at, end) };
		at = end;
	}
}

function opens(mark) {
	return mark === "{" || mark === "[";
}

function closes(mark) {
	return mark === "}" || mark === "]";
}

// Formats a text in lines. It must be valid JSON.
export function layout(json) {
	const pieces = [];
	let depth = 0, before = "";

	for (const { text } of tokens(json)) {
		depth -= closes(text);
		if (closes(text) ? !opens(before) : opens(before) || before === ",")
			pieces.push("\n", "  ".repeat(Math.min(depth, deepest)));
		pieces.push(text === ":" ? ": " : text);
		depth += opens(text);
		before = text;
	}
	return pieces.join("");
}

// Removes insignificant blanks. The text must be valid JSON.
export function pack(json) {
	return Array.from(tokens(json), ({ text }) => text).join("");
}

// The members of an object, each as unparsed text.
export function members(json) {
	const found = { __proto__: null };
	let depth = 0, before = "", name, from;

	for (const { at, text } of tokens(json)) {
		depth -= closes(text);
		if (depth === 1 && text === ":") {
			name = JSON.parse(before);
			from = at + 1;
		} else if (name !== undefined && (depth === 0
			|| depth === 1 && text === ",")) {
			found[name] = json.slice(from, at).trim();
			name = undefined;
		}
		depth += opens(text);
		before = text;
	}
	return found;
}
