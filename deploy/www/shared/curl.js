// curl: a request as a command for a terminal. The key or session token comes from
// an environment variable and is never part of the command.

function quoted(text) {
	return `'${text.replace(/'/g, "'\\''")}'`;
}

// headers: pairs of name and value. secret: the environment variable that holds the
// credential, or null. is_stream: curl does not buffer its output.
export function curl({ method, site, path, headers, body, secret, is_stream }) {
	const words = [`curl ${is_stream ? "-N " : ""}`
		+ `${method === "GET" ? "" : `-X ${method} `}${quoted(site + path)}`];

	if (secret)
		words.push(`-H "Authorization: Bearer $${secret}"`);
	for (const [name, value] of headers)
		words.push(`-H ${quoted(`${name}: ${value}`)}`);
	if (body)
		words.push(`--data-binary ${quoted(body)}`);
	return words.join(" \\\n    ");
}

// Percent-encodes a path segment or query value. Colons and commas are allowed in
// URLs and stay readable.
export function escaped(text) {
	return encodeURIComponent(text).replace(/%3A/g, ":").replace(/%2C/g, ",");
}
