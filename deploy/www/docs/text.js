// Puts a short JSON body of an example on one line.

export function bodyLine(body) {
	try {
		const line = body.replace(/\n\s*/g, " ");

		JSON.parse(body);
		return line.length < 44 ? line : body;
	} catch {
		return body;
	}
}
