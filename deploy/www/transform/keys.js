// keys: completion of keys, the number of keys that match a pattern, and the stored
// value of a key.

import { exchange, request } from "../api.js";
import { escaped } from "../curl.js";
import { find, make } from "../dom.js";
import { counted } from "../format.js";
import { layout } from "../json.js";
import { withLogin } from "../shell.js";
import { truncated } from "./panes.js";

const pause = 250;
const offered = 20;
const maxKeys = 10000;

// Returns a function that calls work, at once the first time and then when typing
// pauses, and passes the latest answer to show. Errors are ignored: this is only a
// help, and the request itself will report them.
export function helper(work, show) {
	let timer = null, turn = 0;

	return (...about) => {
		const mine = ++turn;
		const wait = timer === null ? 0 : pause;

		clearTimeout(timer);
		timer = setTimeout(async () => {
			const answer = await withLogin(() => work(...about))
				.catch(() => null);

			if (mine === turn)
				show(answer);
		}, wait);
	};
}

// --- Names --------------------------------------------------------------------

function literal(text) {
	return text.replace(/[*?\\]/g, "\\$&");
}

export const offerKeys = helper(
	(start) => request("GET", `/kv?limit=${offered}&pattern=${
		escaped(`${literal(start)}*`)}`),
	(answer) => find("known-keys").replaceChildren(...(answer?.items ?? [])
		.map(({ key }) => make("option", { value: key }))));

// --- Patterns -----------------------------------------------------------------

function showMatches(answer) {
	const n = answer?.count;

	if (n === undefined)
		find("matches").textContent = "";
	else
		find("matches").textContent = `${counted(n, "key")} match${
			n === 1 ? "es" : ""}.${n > maxKeys
			? " A batch can have up to 10,000." : ""}`;
}

export const countMatches = helper(
	(pattern) => pattern && request("GET",
		`/kv?count=true&pattern=${escaped(pattern)}`),
	showMatches);

// --- The value ----------------------------------------------------------------

function versionOf(headers) {
	return (headers.get("ETag") ?? "").replace(/^W\//, "").replace(/"/g, "");
}

// The version of a key, and elements that show its value or an error.
export async function storedValue(key) {
	try {
		const { headers, text } = await withLogin(() =>
			exchange("GET", `/kv/${escaped(key)}`));
		const version = versionOf(headers);

		return { key, version, elements: [
			make("span", { class: "soft" }, `Version ${version}`),
			make("pre", { class: "pane", tabindex: 0,
				"aria-label": `Value of ${key}` },
			truncated(layout(text))),
		] };
	} catch (error) {
		return { key, version: null, elements: [make("p", { class: "soft" },
			error.status === 404 ? "This key does not exist."
				: error.message)] };
	}
}
