// A body as it stands in an example: JSON on one line where it is short.

export function bodyLine(body) {
	try {
		const line = body.replace(/\n\s*/g, " ");

		JSON.parse(body);
		return line.length < 44 ? line : body;
	} catch {
		return body;
	}
}
