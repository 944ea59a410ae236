// run: one call, from the question to the last event of its stream, or to
// whatever ends it before.

import { stream } from "../api.js";
import { readEvents } from "../events.js";
import { members } from "../json.js";
import { orLogin } from "../shell.js";

const cutWords = "The stream was cut before its end. What came until then stands"
	+ " here; what was saved until then is saved.";

// Gives each event to live; true: the last one was among them.
async function follow(response, live) {
	let isWhole = false;

	for await (const { event, data } of readEvents(response)) {
		live.take({ name: event, data, said: members(data) });
		isWhole ||= event === "done";
	}
	return isWhole;
}

// Throws the ApiError of a call that was refused. Whatever happens after the
// stream has begun is told to live. signal: stops it.
export async function run(call, live, signal) {
	let response;

	try {
		response = await orLogin(() => stream(call.method, call.path,
			{ body: call.body, signal }));
		if (!await follow(response, live))
			live.end("cut", cutWords);
	} catch (error) {
		if (signal.aborted)
			live.end("stopped", `Stopped after ${live.time()}. What was`
				+ " used until then is charged, and what was saved is"
				+ " saved.");
		else if (!response)
			throw error;
		else
			live.end("cut", error instanceof RangeError
				? "An event is longer than this page can read."
				: cutWords);
	}
}
