// The same call for curl, C and JavaScript. A key is taken from the environment
// and never stands in an example.

import { written } from "./contract.js";

export const languages = { curl, C: libcurl, JavaScript: javascript };

// What a call sends when one gives it what it needs, and nothing besides.
export function request(contract, operation, given = {}) {
	const value = (one) => given[`${one.in} ${one.name}`]
		?? (one.in === "path" || one.required
			? contract.examples(one)[0]?.[1] ?? "" : "");
	const filled = (place) => operation.parameters
		.filter((one) => one.in === place && value(one) !== "");
	const query = filled("query").map((one) =>
		`${escape(one.name)}=${escape(value(one))}`).join("&");
	const headers = filled("header").map((one) => [one.name, value(one)]);

	const [type, media] = Object.entries(operation.body?.content ?? {})
		.find(([name]) => name === (given.type ?? name)) ?? [];
	const body = type && (given.body ?? sent(type,
		contract.examples(media)[0]?.[1]));
	if (body)
		headers.push(["Content-Type", type]);
	const path = operation.path.replace(/\{(\w+)\}/g, (all, name) =>
		escape(value(operation.parameters.find((one) =>
			one.name === name && one.in === "path") ?? {})));
	return { method: operation.method, headers, body: body || null,
		path: query ? `${path}?${query}` : path,
		keyed: operation.credentials.length > 0 };
}

// An object becomes a form where that is the type.
export function sent(type, value) {
	if (type === "application/x-www-form-urlencoded"
		&& typeof value === "object" && value)
		return new URLSearchParams(value).toString();
	return written(value);
}

// A colon and a comma may stand in a path, and read better as they are.
function escape(value) {
	return encodeURIComponent(value).replace(/%3A/g, ":").replace(/%2C/g, ",");
}

// JSON on one line where it is short.
function brief(body) {
	try {
		const line = body.replace(/\n\s*/g, " ");

		JSON.parse(body);
		return line.length < 44 ? line : body;
	} catch {
		return body;
	}
}

function curl({ method, path, headers, body, keyed }) {
	const single = (text) => `'${text.replace(/'/g, "'\\''")}'`;
	const words = [method === "GET" ? "curl" : `curl -X ${method}`];

	words[0] += ` ${single(location.origin + path)}`;
	if (keyed)
		words.push('-H "Authorization: Bearer $IO7_KEY"');
	for (const [name, value] of headers)
		words.push(`-H ${single(`${name}: ${value}`)}`);
	if (body)
		words.push(`--data-binary ${single(brief(body))}`);
	return words.join(" \\\n    ");
}

function libcurl({ method, path, headers, body, keyed }) {
	const quoted = (text) => JSON.stringify(text)
		.replace(/\?\?/g, '?""?');
	const long = (text) => text.split(/(?<=\n)/).map(quoted).join("\n\t\t");
	const option = (name, value) =>
		`\tcurl_easy_setopt(curl, CURLOPT_${name}, ${value});\n`;
	const header = (value) =>
		`\theaders = curl_slist_append(headers,\n\t\t${value});\n`;
	const listed = keyed || headers.length > 0;

	return `#include <curl/curl.h>\n#include <stdio.h>\n`
		+ (keyed ? "#include <stdlib.h>\n" : "")
		+ "\nint\nmain(void)\n{\n"
		+ "\tCURL *curl = curl_easy_init();\n"
		+ (listed ? "\tstruct curl_slist *headers = NULL;\n" : "")
		+ (keyed ? "\tconst char *key = getenv(\"IO7_KEY\");\n"
			+ "\tchar bearer[4096];\n" : "")
		+ (keyed ? "\n\tif (!curl || !key)\n" : "\n\tif (!curl)\n")
		+ "\t\treturn 1;\n"
		+ (keyed ? "\tsnprintf(bearer, sizeof(bearer),\n"
			+ "\t\t\"Authorization: Bearer %s\", key);\n" + header("bearer") : "")
		+ headers.map(([name, value]) =>
			header(quoted(`${name}: ${value}`))).join("")
		+ option("URL", `\n\t\t${quoted(location.origin + path)}`)
		+ (method === "GET" ? "" : option("CUSTOMREQUEST", quoted(method)))
		+ (listed ? option("HTTPHEADER", "headers") : "")
		+ (body ? option("POSTFIELDS", `\n\t\t${long(brief(body))}`) : "")
		+ "\tCURLcode said = curl_easy_perform(curl);\n"
		+ "\tif (said != CURLE_OK)\n"
		+ "\t\tfprintf(stderr, \"%s\\n\", curl_easy_strerror(said));\n"
		+ (listed ? "\tcurl_slist_free_all(headers);\n" : "")
		+ "\tcurl_easy_cleanup(curl);\n"
		+ "\treturn said != CURLE_OK;\n}\n";
}

function javascript({ method, path, headers, body, keyed }) {
	const lines = [...(keyed
		? ["Authorization: `Bearer ${process.env.IO7_KEY}`"] : []),
	...headers.map(([name, value]) =>
		`${/^\w+$/.test(name) ? name : JSON.stringify(name)}: ${JSON.stringify(value)}`)];
	const options = [
		method === "GET" ? null : `\tmethod: "${method}",\n`,
		lines.length ? `\theaders: {\n${lines.map((line) =>
			`\t\t${line},\n`).join("")}\t},\n` : null,
		body ? `\tbody: ${quoted_body(body)},\n` : null,
	].filter(Boolean).join("");

	return `const answer = await fetch("${location.origin}${path}"`
		+ (options ? `, {\n${options}}` : "") + ");\n\n"
		+ "console.log(answer.status, await answer.text());\n";
}

// As a text: JSON.stringify would round numbers that a double cannot hold.
function quoted_body(body) {
	return `\`${brief(body).replace(/[\\`]|\$\{/g, "\\$&")}\``;
}
