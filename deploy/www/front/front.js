// front: the front page. Its commands contain the URL of this site. On a private
// stack they also contain the demo key, and the page runs them and shows the answers.

import { request } from "../api.js";
import { copyButton } from "../copy.js";
import { demo } from "../demo.js";
import { find, make } from "../dom.js";

const commands = find("commands");
const answers = find("answers");
const state = find("terminal-state");

function showOrigin(url) {
	for (const place of document.querySelectorAll("[data-origin]"))
		place.textContent = url;
}

// Sends the requests that the commands stand for.
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
		state.textContent = `Answered in ${took} ms with the demo’s test`
			+ " key.";
	} catch (error) {
		answers.textContent = "";
		state.textContent = error.message;
	}
}

function showDemo({ url, key }) {
	showOrigin(url);
	find("key").textContent = key;
	find("terminal-next").replaceWith(make("button", { type: "button",
		class: "quiet", id: "run", onclick: () => run(key) }, "Run again"));
	run(key);
}

showOrigin(location.origin);
find("terminal-title").after(copyButton(() => commands.textContent,
	"Copy commands") ?? "");
demo().then((found) => found && showDemo(found));
