// risks: security suggestions: risky keys, the reason, and the action that helps.

import { make } from "../dom.js";
import { counted, relative } from "../format.js";
import { reducePermissions, revoke, setExpiry } from "./actions.js";
import { idleDays, quoted, risksOf, shortOf } from "./key.js";

const kinds = [
	{
		name: "endless",
		title: "Never expires",
		why: "If it leaks, it works until you notice.",
		of: (key) => `created ${relative(key.created_at)}`,
		action: "Set expiry",
		act: setExpiry,
	},
	{
		name: "idle",
		title: `Not used for ${idleDays} days`,
		why: "It is probably no longer needed.",
		of: (key) => key.last_used_at
			? `last used ${relative(key.last_used_at)}`
			: `never used, created ${relative(key.created_at)}`,
		action: "Revoke key",
		act: revoke,
	},
	{
		name: "unlimited",
		title: "Full access",
		why: "It can create keys and delete the account. Most programs"
			+ " only need to read and write.",
		of: () => "read, write, admin",
		action: "Reduce permissions",
		act: reducePermissions,
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

// The number of keys with at least one risk.
export function riskyKeys(keys) {
	return new Set(Object.values(risksOf(keys)).flat()).size;
}

export function riskPanel(keys, done) {
	const risks = risksOf(keys);
	const groups = kinds.filter(({ name }) => risks[name].length)
		.map((kind) => riskGroup(kind, risks[kind.name], done));
	const nothing = make("p", { class: "soft", id: "no-risk" },
		"No suggestions. Every active key expires, was used in the last"
		+ ` ${idleDays} days, and has limited permissions.`);

	return make("section", { class: "panel", id: "risks",
		"aria-labelledby": "risks-title" },
	make("h2", { id: "risks-title" }, "Security suggestions"),
	...(groups.length ? groups : [nothing]));
}
