// The code examples of /docs, as the page makes them.
//
//     node examples.mjs FOLDER SITE CONTRACT
//
// FOLDER is a copy of deploy/www/docs, CONTRACT the file openapi.json.
//
// Prints {"OPERATION NAME": {"curl": TEXT, "C": TEXT, "JavaScript": TEXT}}.

import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

const [folder, site, contractFile] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(`${folder}/${name}.js`));
const { Contract } = await load('contract');
const { languages, request, variants } = await load('examples');
const contract = new Contract(await readFile(contractFile, 'utf8'));

console.log(JSON.stringify(Object.fromEntries(contract.operations.flatMap(
	(operation) => variants(contract, operation).map(({ name, type, body }) => {
		const call = request(contract, operation, site, { type, body });

		return [`${operation.id} ${name}`.trim(), Object.fromEntries(
			Object.entries(languages).map(([language, say]) =>
				[language, say(call)]))];
	})))));
