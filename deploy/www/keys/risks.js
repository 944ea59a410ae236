// risks: the keys that somebody should look at, why, and what mends it.

import { make } from "../dom.js";
import { counted, relative } from "../format.js";
import { giveEnd, limit, revoke } from "./acts.js";
import { idleDays, quoted, risksOf, shortOf } from "./key.js";

const kinds = [
	{
		name: "endless",
		title: "Never expires",
		why: "Should it leak, it works until somebody notices.",
		of: (key) => `made ${relative(key.created_at)}`,
		action: "Give it an end",
		act: giveEnd,
	},
	{
		name: "idle",
		title: `Not used for ${idleDays} days`,
		why: "Nobody seems to miss it, so nobody would miss it if it were"
			+ " gone.",
		of: (key) => key.last_used_at
			? `last used ${relative(key.last_used_at)}`
			: `never used, made ${relative(key.created_at)}`,
		action: "Revoke it",
		act: revoke,
	},
	{
		name: "unlimited",
		title: "May do everything",
		why: "Whoever holds it can make keys of their own, and end the"
			+ " account. Most programs only read and write.",
		of: () => "read, write, admin",
		action: "Limit it",
		act: limit,
	},
];

function riskRow(key, { name, of, action, act }, done) {
	return make("li", {},
		make("span", {}, make("b", {}, key.label), " ",
			make("code", {}, shortOf(key))),
		make("span", { class: "soft" }, of(key)),
		make("button", { type: "button", class: "quiet small",
			id: `${name}-${key.id}`,
			"aria-label": `${action}: ${quoted(key)}`,
			onclick: () => act(key, done) }, action));
}

function riskGroup(kind, keys, done) {
	return make("section", { class: "risk", id: `risk-${kind.name}`,
		"aria-labelledby": `risk-${kind.name}-title` },
	make("h3", { id: `risk-${kind.name}-title` }, kind.title,
		make("span", { class: "soft" }, ` ${counted(keys.length, "key")}`)),
	make("p", { class: "soft" }, kind.why),
	make("ul", { class: "rows" }, ...keys.map((key) =>
		riskRow(key, kind, done))));
}

// How many keys have a risk, or several.
export function riskyKeys(keys) {
	return new Set(Object.values(risksOf(keys)).flat()).size;
}

export function riskPanel(keys, done) {
	const risks = risksOf(keys);
	const groups = kinds.filter(({ name }) => risks[name].length)
		.map((kind) => riskGroup(kind, risks[kind.name], done));
	const nothing = make("p", { class: "soft", id: "no-risk" },
		"There is nothing to mend: each key that works has an end, was used"
		+ ` within ${idleDays} days, and may not do everything.`);

	return make("section", { class: "panel", id: "risks",
		"aria-labelledby": "risks-title" },
	make("h2", { id: "risks-title" }, "Worth a look"),
	...(groups.length ? groups : [nothing]));
}
