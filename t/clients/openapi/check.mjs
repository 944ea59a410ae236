// Checks an API description with npm's tools.
//
//     node check.mjs FILE TYPES
//
// Prints every problem and exits with 1 unless FILE is OpenAPI 3.1 and Redocly's
// recommended rules have nothing against it. Writes its TypeScript types to TYPES.

import { readFile, writeFile } from 'node:fs/promises';
import { createConfig, lint } from '@redocly/openapi-core';
import { Validator } from '@seriousme/openapi-schema-validator';
import openapiTS, { astToString } from 'openapi-typescript';

const [file, types] = process.argv.slice(2);
const description = JSON.parse(await readFile(file, 'utf8'));

const validator = new Validator();
const judged = await validator.validate(description);
const config = await createConfig({ extends: ['recommended'] });
const problems = (await lint({ ref: file, config })).map((problem) =>
	`${problem.ruleId}: ${problem.message} ${problem.location[0].pointer}`);

if (!judged.valid)
	problems.push(JSON.stringify(judged.errors));
if (validator.version !== '3.1')
	problems.push(`it is OpenAPI ${validator.version}`);
await writeFile(types, astToString(await openapiTS(description)));
if (problems.length) {
	console.log(problems.join('\n'));
	process.exit(1);
}
