// run: sends a request and reads its stream to the end.

import { stream } from "../api.js";
import { readEvents } from "../events.js";
import { members } from "../json.js";
import { withLogin } from "../shell.js";

const cutText = "The connection was lost before the end of the stream. Results that"
	+ " were saved before that remain saved.";

// Passes each event to results. True if the stream is complete.
async function follow(response, results) {
	let isComplete = false;

	for await (const { event, data } of readEvents(response)) {
		results.take({ name: event, data, members: members(data) });
		isComplete ||= event === "done";
	}
	return isComplete;
}

// Throws the ApiError of a rejected request. What happens after the stream has begun
// is reported to results. signal stops the run.
export async function run(call, results, signal) {
	let response;

	try {
		response = await withLogin(() => stream(call.method, call.path,
			{ body: call.body, signal }));
		if (!await follow(response, results))
			results.end("cut", cutText);
	} catch (error) {
		if (signal.aborted)
			results.end("stopped", `Stopped after ${results.time()}. Work done`
				+ " so far is charged, and saved results remain saved.");
		else if (!response)
			throw error;
		else
			results.end("cut", error instanceof RangeError
				? "An event is too long for this page."
				: cutText);
	}
}
