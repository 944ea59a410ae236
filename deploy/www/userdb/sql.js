// sql: splits a text into its statements, as SQLite's own shell does. This module does
// not use the page, so that a test can run it.

const closing = { "'": "'", '"': '"', "`": "`", "[": "]" };

// The end of a quoted text or comment that begins at a position, or the position.
function endOfOpaque(text, at) {
	const close = closing[text[at]];
	const after = (mark, from) => {
		const found = text.indexOf(mark, from);

		return found < 0 ? text.length : found + mark.length;
	};

	if (close)
		return after(close, at + 1);
	if (text.startsWith("--", at))
		return after("\n", at);
	if (text.startsWith("/*", at))
		return after("*/", at + 2);
	return at;
}

function isComment(text) {
	return text.startsWith("--") || text.startsWith("/*");
}

// Yields the words of a text and its other characters, each with its end. Comments and
// blanks are skipped; a quoted text counts as a word.
function* words(text) {
	for (let at = 0; at < text.length;) {
		const opaque = endOfOpaque(text, at);
		const word = /[\p{L}\p{N}_$]+|[^]/uy;

		word.lastIndex = at;
		const end = opaque > at ? opaque : at + word.exec(text)[0].length;
		const part = text.slice(at, end);

		at = end;
		if (!isComment(part) && part.trim())
			yield { part, end };
	}
}

// A semicolon inside a trigger ends a statement of it; the trigger itself ends with END
// and a semicolon.
function isOpenTrigger(seen) {
	const start = seen.slice(0, 3).join(" ").toUpperCase();

	return /^CREATE (TEMP |TEMPORARY )?TRIGGER/.test(start)
		&& seen.slice(seen.lastIndexOf(";") + 1).join(" ").toUpperCase() !== "END";
}

// The statements without their semicolons.
export function split(text) {
	const statements = [];
	let seen = [], start = 0;

	function take(end) {
		if (seen.length)
			statements.push(text.slice(start, end).trim());
		seen = [];
	}

	for (const { part, end } of words(text)) {
		if (part === ";" && !isOpenTrigger(seen)) {
			take(end - 1);
			start = end;
		} else {
			seen.push(part);
		}
	}
	take(text.length);
	return statements;
}

// Whether the first word says that a statement only reads.
export function seemsToRead(statement) {
	const [{ part = "" } = {}] = words(statement);

	return /^(SELECT|VALUES|EXPLAIN|PRAGMA|BEGIN|COMMIT|END|ROLLBACK|SAVEPOINT|RELEASE)$/i
		.test(part);
}
