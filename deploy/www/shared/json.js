// json: JSON as text, for values of people: none of it is read into numbers of
// ours, so that each keeps every digit.

const marks = "{}[]:,";
const blanks = " \t\n\r";

// Levels that are set in; what lies deeper would be made of blanks for the most.
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

// Its strings, words and marks, each with the place where it begins.
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

// Laid out in lines. The text must be JSON.
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

// As short as it gets. The text must be JSON.
export function pack(json) {
	return Array.from(tokens(json), ({ text }) => text).join("");
}

// The members of an object, each as the text that it is.
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
