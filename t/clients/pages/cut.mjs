// Parses streams with deploy/www/shared/events.js, split at every byte and into single
// bytes, and prints the events of each stream as a line of JSON.
//
//     node cut.mjs EVENTS.mjs '[{"bytes": "base64", "most": 100}]'

import { readFileSync } from "node:fs";

const { readEvents } = await import(process.argv[2]);

// A Response with the parts that the reader uses.
function answer(pieces) {
	return { body: new ReadableStream({
		start(controller) {
			pieces.forEach((piece) => controller.enqueue(piece));
			controller.close();
		},
	}) };
}

async function read(pieces, most) {
	const events = [];

	try {
		for await (const event of readEvents(answer(pieces), { most }))
			events.push(event);
	} catch (error) {
		events.push({ error: error.name });
	}
	return events;
}

// The events of the whole stream, and the offsets where a split changes them.
async function cut({ bytes, most }) {
	const all = new Uint8Array(Buffer.from(bytes, "base64"));
	const events = await read([all], most);
	const whole = JSON.stringify(events);
	const wrong = [];

	for (let at = 0; at <= all.length; at++) {
		const some = await read([all.subarray(0, at), all.subarray(at)],
			most);
		if (JSON.stringify(some) !== whole)
			wrong.push(at);
	}
	const single = await read([...all].map((byte) =>
		Uint8Array.of(byte)), most);
	if (JSON.stringify(single) !== whole)
		wrong.push("everywhere");
	return { events, wrong };
}

// Reads one event of an open stream, and checks that leaving the loop closes it.
async function leave() {
	let left = false;
	const events = readEvents({ body: new ReadableStream({
		start(controller) {
			controller.enqueue(Buffer.from("data: 1\r\r"));
		},
		cancel() {
			left = true;
		},
	}) });
	const { value } = await events.next();

	await events.return();
	await new Promise((resolve) => { setImmediate(resolve); });
	return { first: value.data, left };
}

for (const one of JSON.parse(readFileSync(0)))
	console.log(JSON.stringify(await cut(one)));
console.log(JSON.stringify(await leave()));
console.log(JSON.stringify(await read([], 1)));
