// A contract as npm's @seriousme/openapi-schema-validator judges it.
//
//     node check.mjs FILE
//
// Prints what is wrong, and fails, unless it is OpenAPI 3.1.

import { readFile } from 'node:fs/promises';
import { Validator } from '@seriousme/openapi-schema-validator';

const validator = new Validator();
const judged = await validator.validate(
	JSON.parse(await readFile(process.argv[2], 'utf8')));

if (!judged.valid || validator.version !== '3.1') {
	console.log(validator.version, JSON.stringify(judged.errors, null, 2));
	process.exit(1);
}
