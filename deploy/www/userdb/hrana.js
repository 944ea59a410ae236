// hrana: requests to the user's database, in the protocol of libSQL over HTTP. Integers
// stay texts, because JavaScript's numbers would lose digits.

import { exchange } from "../api.js";
import { withLogin } from "../shell.js";

// An error of a statement, with SQLite's code.
export class SqlError extends Error {
	constructor({ message, code }) {
		super(message);
		this.code = code;
	}
}

// Sends requests in a stream that ends with them, and returns a result or an SqlError
// for each. database: the API's description, whose url is on this site.
export async function pipeline({ url }, requests, signal) {
	const { pathname } = new URL("v2/pipeline", url);
	const { text } = await withLogin(() => exchange("POST", pathname, { signal,
		body: JSON.stringify({ baton: null,
			requests: [...requests, { type: "close" }] }) }));

	return JSON.parse(text).results.slice(0, requests.length)
		.map(({ type, response, error }) => type === "ok" ? response.result
			: new SqlError(error));
}

export function execute(sql, args = []) {
	return { type: "execute", stmt: { sql, args } };
}

// The result of one statement. Throws if it fails.
export async function query(database, sql, args, signal) {
	const [result] = await pipeline(database, [execute(sql, args)], signal);

	if (result instanceof SqlError)
		throw result;
	return result;
}

// A name as SQL.
export function quoted(name) {
	return `"${name.replaceAll('"', '""')}"`;
}
