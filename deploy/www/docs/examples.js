// A call as code for curl, C and JavaScript. The key or session token comes from an
// environment variable and is never part of the code. This module does not use the
// page, so that a test can run the examples.

import { curl, escaped } from "../curl.js";
import { written } from "./contract.js";
import { libcurl } from "./libcurl.js";
import { bodyLine } from "./text.js";

export const languages = { curl: (call) => curl({ ...call,
	body: call.body && bodyLine(call.body) }), C: libcurl, JavaScript: javascript };

// The examples of an operation: one for each example of its body, or a single one
// without a name.
export function variants(contract, operation) {
	const content = Object.entries(operation.body?.content ?? {});
	const found = content.flatMap(([type, media]) =>
		contract.examples(media).map(([name, value]) => ({
			name: name || (content.length > 1 ? type : ""), type,
			title: contract.follow(media.examples?.[name]).summary ?? type,
			body: written(value, type) })));

	return found.length ? found : [{ name: "", title: "" }];
}

// The request of a call with its required parameters and the given ones.
export function request(contract, operation, site, given = {}) {
	const value = (one) => given[`${one.in} ${one.name}`]
		?? (one.in === "path" || one.required
			? contract.examples(one)[0]?.[1] ?? "" : "");
	const filled = (place) => operation.parameters
		.filter((one) => one.in === place && value(one) !== "");
	const query = filled("query").map((one) =>
		`${escaped(one.name)}=${escaped(value(one))}`).join("&");
	const headers = filled("header").map((one) => [one.name, value(one)]);
	const [first] = variants(contract, operation);
	const type = given.type ?? first.type;
	const body = type && (given.body ?? first.body);

	if (body)
		headers.push(["Content-Type", type]);
	const path = operation.path.replace(/\{(\w+)\}/g, (all, name) =>
		escaped(value(operation.parameters.find((one) =>
			one.name === name && one.in === "path") ?? {})));
	return { method: operation.method, headers, body: body || null, site,
		path: query ? `${path}?${query}` : path,
		secret: secretOf(operation), is_stream: operation.is_stream };
}

// The environment variable that holds the credential.
function secretOf({ credentials }) {
	if (credentials.includes("key"))
		return "IO7_KEY";
	return credentials.length ? "IO7_SESSION" : null;
}

function javascript({ method, site, path, headers, body, secret, is_stream }) {
	const lines = [...(secret
		? [`Authorization: \`Bearer \${process.env.${secret}}\``] : []),
	...headers.map(([name, value]) =>
		`${/^\w+$/.test(name) ? name : JSON.stringify(name)}: ${JSON.stringify(value)}`)];
	const options = [
		method === "GET" ? null : `\tmethod: "${method}",\n`,
		lines.length ? `\theaders: {\n${lines.map((line) =>
			`\t\t${line},\n`).join("")}\t},\n` : null,
		body ? `\tbody: ${quotedBody(body)},\n` : null,
		path.startsWith("/auth/github") ? '\tredirect: "manual",\n' : null,
	].filter(Boolean).join("");

	return `const answer = await fetch("${site}${path}"`
		+ (options ? `, {\n${options}}` : "") + ");\n\n" + (is_stream
		? "console.log(answer.status);\n"
			+ "for await (const part of answer.body.pipeThrough(new TextDecoderStream()))\n"
			+ "\tprocess.stdout.write(part);\n"
		: "console.log(answer.status, await answer.text());\n");
}

// The body as a string literal: JSON.stringify would round large numbers.
function quotedBody(body) {
	return `\`${bodyLine(body).replace(/[\\`]|\$\{/g, "\\$&")}\``;
}
