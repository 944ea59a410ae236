// transcript: prints what a client sees, one line of JSON each, so that the lines of two
// servers can be compared as texts.
//
//     const [url, authToken] = process.argv.slice(2);
//     await chapter("blobs", async (note) => note("empty", await read()));

// A value without what JSON cannot show: integers of 64 bits, bytes, NaN, -0.
function shown(value) {
	if (typeof value === "bigint")
		return `bigint ${value}`;
	if (typeof value === "number")
		return Number.isFinite(value) && !Object.is(value, -0)
			? value : `number ${Object.is(value, -0) ? "-0" : value}`;
	if (value === undefined)
		return "undefined";
	if (value instanceof Error)
		return shownError(value);
	if (value instanceof Date)
		return `date ${value.toISOString()}`;
	if (value instanceof ArrayBuffer || ArrayBuffer.isView(value))
		return `bytes ${Buffer.from(value.buffer ?? value,
			value.byteOffset ?? 0, value.byteLength).toString("hex")}`;
	if (Array.isArray(value))
		return Array.from(value, shown);
	if (value === null || typeof value !== "object")
		return value;
	if ("toFixed" in value)
		return `decimal ${value}`;
	return Object.fromEntries(Object.entries(value)
		.map(([name, member]) => [name, shown(member)]));
}

// Each server's parser has its own words for a syntax error.
function shownError(error) {
	const { name, message, code, meta, cause } = error;
	const isSyntax = /SQL_PARSE_ERROR|could not be parsed/.test(
		`${code} ${message}`);

	return shown({ name, code, message: isSyntax ? "a syntax error" : message,
		...meta ? { meta } : {}, ...cause instanceof Error ? { cause } : {} });
}

function print(chapter, name, value) {
	console.log(JSON.stringify([chapter, name, shown(value)]));
}

// Runs a part of a script. An error that it does not catch is part of the transcript.
export async function chapter(title, work) {
	try {
		await work((name, value) => print(title, name, value));
	} catch (error) {
		print(title, "failed", error);
	}
}

// What a promise rejects with.
export async function errorOf(promise) {
	try {
		return { "no error": await promise };
	} catch (error) {
		return error;
	}
}

export const edgeTexts = ["", "a", "a\0b", "line\r\nline", "'\"\\`", "日本語", "😀👩‍👩‍👧",
	"e\u0301", "\ufeffx", "\ufffd", "\u{10ffff}", "x".repeat(70000)];

export const edgeFloats = [0.5, -0.5, 0.1, 1e-7, 1e21, 1.7976931348623157e308, 5e-324,
	123456789.123, 1 / 3];

export const edgeIntegers = [0n, 1n, -1n, 2n ** 31n, 2n ** 53n - 1n, 2n ** 53n,
	2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n)];

export const bytes = Uint8Array.from({ length: 256 }, (_, n) => n);
