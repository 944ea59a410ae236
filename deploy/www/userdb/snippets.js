// snippets: code that connects to the database, in several languages. Each reads the
// token from the environment variable DATABASE_TOKEN. This module does not use the page,
// so that a test can run the code.

const curl = (url) => `curl ${url}v2/pipeline \\
    -H "Authorization: Bearer $DATABASE_TOKEN" \\
    -d '{"requests": [
        {"type": "execute", "stmt": {"sql": "SELECT sqlite_version()"}},
        {"type": "close"}]}'
`;

const javascript = (url) => `import { createClient } from "@libsql/client";

const db = createClient({
	url: "${url}",
	authToken: process.env.DATABASE_TOKEN,
});
const { rows } = await db.execute("SELECT sqlite_version()");

console.log(rows);
`;

const python = (url) => `import json
import os
import urllib.request

request = urllib.request.Request(
    "${url}v2/pipeline",
    headers={"Authorization": "Bearer " + os.environ["DATABASE_TOKEN"]},
    data=json.dumps({"requests": [
        {"type": "execute", "stmt": {"sql": "SELECT sqlite_version()"}},
        {"type": "close"},
    ]}).encode())
with urllib.request.urlopen(request) as answer:
    print(json.load(answer)["results"][0])
`;

const drizzle = (url) => `import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/libsql";

const db = drizzle({ connection: {
	url: "${url}",
	authToken: process.env.DATABASE_TOKEN,
} });

console.log(await db.get(sql\`SELECT sqlite_version()\`));
`;

const c = (url) => `#include <curl/curl.h>
#include <stdlib.h>

int
main(void)
{
	CURL *curl = curl_easy_init();

	curl_easy_setopt(curl, CURLOPT_URL, "${url}v2/pipeline");
	curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
	curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, getenv("DATABASE_TOKEN"));
	curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "{\\"requests\\": ["
	    "{\\"type\\": \\"execute\\", \\"stmt\\": {\\"sql\\":"
	    " \\"SELECT sqlite_version()\\"}}, {\\"type\\": \\"close\\"}]}");
	return curl_easy_perform(curl) == CURLE_OK ? 0 : 1;
}
`;

export const languages = { curl, JavaScript: javascript, Python: python,
	Drizzle: drizzle, C: c };
