// Judges texts with deploy/www/shared/jsoncheck.js: they come as a list, and go as
// lines of JSON.
//
//     node jsoncheck.mjs JSONCHECK.mjs <<< '["{}"]'

import { readFileSync } from "node:fs";

const { checkJson } = await import(process.argv[2]);

for (const text of JSON.parse(readFileSync(0)))
	console.log(JSON.stringify(checkJson(text)));
