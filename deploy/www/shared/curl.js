// curl: a call as a command for a terminal. A key or the token of a session comes
// from the environment and never stands in the command.

function quoted(text) {
	return `'${text.replace(/'/g, "'\\''")}'`;
}

// headers: [name, value] each; secret: the variable that holds who asks, or null;
// is_stream: what comes is shown as it comes.
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

// A piece of an address. A colon and a comma may stand there, and read better so.
export function escaped(text) {
	return encodeURIComponent(text).replace(/%3A/g, ":").replace(/%2C/g, ",");
}
