// Checks texts with deploy/www/shared/jsoncheck.js. Reads a list of texts, prints a
// line of JSON for each.
//
//     node jsoncheck.mjs JSONCHECK.mjs <<< '["{}"]'

import { readFileSync } from "node:fs";

const { checkJson } = await import(process.argv[2]);

for (const text of JSON.parse(readFileSync(0)))
	console.log(JSON.stringify(checkJson(text)));
