// keys: help with the keys: those that begin as what is typed, how many a pattern
// matches, and the value that lies under one.

import { exchange, request } from "../api.js";
import { escaped } from "../curl.js";
import { find, make } from "../dom.js";
import { counted } from "../format.js";
import { layout } from "../json.js";
import { orLogin } from "../shell.js";
import { shortened } from "./panes.js";

const pause = 250;
const offered = 20;
const batchMost = 10000;

// Does the work at once, and then whenever nothing was typed for a while; tells of
// the last answer alone. What fails is help that is not there: the call itself will
// say why.
export function helper(work, tell) {
	let timer = null, turn = 0;

	return (...about) => {
		const mine = ++turn;
		const wait = timer === null ? 0 : pause;

		clearTimeout(timer);
		timer = setTimeout(async () => {
			const said = await orLogin(() => work(...about))
				.catch(() => null);

			if (mine === turn)
				tell(said);
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
	(said) => find("known-keys").replaceChildren(...(said?.items ?? [])
		.map(({ key }) => make("option", { value: key }))));

// --- Patterns -----------------------------------------------------------------

function tellMatches(said) {
	const n = said?.count;

	if (n === undefined)
		find("matches").textContent = "";
	else
		find("matches").textContent = `${counted(n, "key")} now.`
			+ (n > batchMost ? " A batch takes 10,000 at most." : "");
}

export const countMatches = helper(
	(pattern) => pattern && request("GET",
		`/kv?count=true&pattern=${escaped(pattern)}`),
	tellMatches);

// --- The value ----------------------------------------------------------------

function versionOf(headers) {
	return (headers.get("ETag") ?? "").replace(/^W\//, "").replace(/"/g, "");
}

// What stands under a key: its version, and elements that show it, or say why not.
export async function storedValue(key) {
	try {
		const { headers, text } = await orLogin(() =>
			exchange("GET", `/kv/${escaped(key)}`));
		const version = versionOf(headers);

		return { key, version, elements: [
			make("span", { class: "soft" }, `Version ${version}`),
			make("pre", { class: "pane", tabindex: 0,
				"aria-label": `The value of ${key}` },
			shortened(layout(text))),
		] };
	} catch (error) {
		return { key, version: null, elements: [make("p", { class: "soft" },
			error.status === 404 ? "There is no such key."
				: error.message)] };
	}
}
