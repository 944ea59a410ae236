// Formats JSON texts and lists their members with deploy/www/shared/json.js. Reads a
// list of texts, prints a line of JSON for each.
//
//     node json.mjs JSON.mjs '["{}"]'

import { readFileSync } from "node:fs";

const { layout, members, pack } = await import(process.argv[2]);

for (const text of JSON.parse(readFileSync(0)))
	console.log(JSON.stringify({ layout: layout(text), packed: pack(text),
		members: members(text) }));
