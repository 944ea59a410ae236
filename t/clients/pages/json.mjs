// Lays JSON out and takes it apart with deploy/www/shared/json.js: texts come as
// a list, and go as lines of JSON.
//
//     node json.mjs JSON.mjs '["{}"]'

import { readFileSync } from "node:fs";

const { layout, members, pack } = await import(process.argv[2]);

for (const text of JSON.parse(readFileSync(0)))
	console.log(JSON.stringify({ layout: layout(text), packed: pack(text),
		members: members(text) }));
