// A call as a complete C program that uses libcurl.

import { bodyLine } from "./text.js";

// A C string literal, one for each line of the text. Trigraphs are split.
function quoted(text) {
	return text.split(/(?<=\n)/).map((line) =>
		JSON.stringify(line).replace(/\?\?/g, '?""?')).join("\n\t\t");
}

function option(name, value) {
	return `\tcurl_easy_setopt(curl, CURLOPT_${name}, ${value});\n`;
}

function header(value) {
	return `\theaders = curl_slist_append(headers,\n\t\t${value});\n`;
}

function declarations({ secret }, hasHeaders) {
	return "\tCURL *curl = curl_easy_init();\n"
		+ (hasHeaders ? "\tstruct curl_slist *headers = NULL;\n" : "")
		+ (secret ? `\tconst char *key = getenv("${secret}");\n`
			+ "\tchar bearer[4096];\n" : "")
		+ "\tlong status = 0;\n\tCURLcode result;\n";
}

function requestSetup({ method, site, path, headers, body, secret }, hasHeaders) {
	return (secret ? "\tsnprintf(bearer, sizeof(bearer),\n"
			+ "\t\t\"Authorization: Bearer %s\", key);\n" + header("bearer") : "")
		+ headers.map(([name, value]) =>
			header(quoted(`${name}: ${value}`))).join("")
		+ option("URL", `\n\t\t${quoted(site + path)}`)
		+ (method === "GET" ? "" : option("CUSTOMREQUEST", quoted(method)))
		+ (hasHeaders ? option("HTTPHEADER", "headers") : "")
		+ (body ? option("POSTFIELDS", `\n\t\t${quoted(bodyLine(body))}`) : "");
}

// libcurl writes the body to standard output by default.
export function libcurl(call) {
	const hasHeaders = Boolean(call.secret) || call.headers.length > 0;

	return "#include <curl/curl.h>\n#include <stdio.h>\n"
		+ (call.secret ? "#include <stdlib.h>\n" : "")
		+ "\nint\nmain(void)\n{\n" + declarations(call, hasHeaders)
		+ (call.secret ? "\n\tif (!curl || !key)\n" : "\n\tif (!curl)\n")
		+ "\t\treturn 1;\n" + requestSetup(call, hasHeaders)
		+ (call.is_stream ? "\tsetvbuf(stdout, NULL, _IOLBF, 0);\n" : "")
		+ "\tresult = curl_easy_perform(curl);\n"
		+ "\tcurl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);\n"
		+ "\tfprintf(stderr, \"%ld %s\\n\", status, curl_easy_strerror(result));\n"
		+ (hasHeaders ? "\tcurl_slist_free_all(headers);\n" : "")
		+ "\tcurl_easy_cleanup(curl);\n"
		+ "\treturn result != CURLE_OK;\n}\n";
}
