// front: the front page. Its commands name the place that the page came from. On
// a private stack they have a key and work as they stand, and what is below them
// is what they answer now.

import { request } from "../api.js";
import { copyButton } from "../copy.js";
import { demo } from "../demo.js";
import { find, make } from "../dom.js";

const commands = find("commands");
const answers = find("answers");
const state = find("terminal-state");

function nameOrigin(url) {
	for (const place of document.querySelectorAll("[data-origin]"))
		place.textContent = url;
}

// What the commands do, done here.
async function run(key) {
	const begun = performance.now();

	try {
		const lines = [
			await request("PUT", "/kv/hello", { key, body: { name: "Ada" } }),
			await request("GET", "/kv/hello", { key }),
		];
		const took = Math.round(performance.now() - begun);

		answers.textContent = lines.map((line) => JSON.stringify(line))
			.join("\n");
		state.textContent = `Answered just now, in ${took} ms, to the demo’s`
			+ " key, on test data.";
	} catch (error) {
		answers.textContent = "";
		state.textContent = error.message;
	}
}

function showDemo({ url, key }) {
	nameOrigin(url);
	find("key").textContent = key;
	find("terminal-next").replaceWith(make("button", { type: "button",
		class: "quiet", id: "run", onclick: () => run(key) }, "Run again"));
	run(key);
}

nameOrigin(location.origin);
find("terminal-title").after(copyButton(() => commands.textContent,
	"Copy the commands") ?? "");
demo().then((found) => found && showDemo(found));
