// key: what a key of the API's list is just now, in words, and what is risky in it.

import { credential } from "../api.js";
import { now } from "../clock.js";
import { relative } from "../format.js";

export const idleDays = 90;
export const allScopes = ["read", "write", "admin"];

const day = 86400000;

// --- What it is ---------------------------------------------------------------

function isPast(time) {
	return time !== null && new Date(time) <= now();
}

// works, grace (it was rotated, and works until it ends), disabled, expired or
// revoked.
export function stateOf(key) {
	if (key.revoked_at)
		return "revoked";
	if (isPast(key.expires_at))
		return "expired";
	if (!key.enabled)
		return "disabled";
	return key.rotated_to && key.expires_at ? "grace" : "works";
}

export function hasEnded(key) {
	return ["revoked", "expired"].includes(stateOf(key));
}

export function stateWords(key) {
	return {
		works: () => "Works",
		grace: () => `In grace, ends ${relative(key.expires_at)}`,
		disabled: () => "Disabled",
		expired: () => "Expired",
		revoked: () => "Revoked",
	}[stateOf(key)]();
}

// "test_io7_5f0…91ac": what may be shown of a key.
export function shortOf(key) {
	return `${key.prefix}…${key.last4}`;
}

export function quoted(key) {
	return `“${key.label}”`;
}

// The key that this tab itself asks with.
export function isOwn(key) {
	const own = credential();

	return own !== null && own.startsWith(key.prefix)
		&& own.endsWith(key.last4);
}

// What happens to a tab whose own key goes; null: it is another.
export function ownWarning(key, what) {
	return isOwn(key) ? `This tab itself uses this key. ${what}` : null;
}

// --- What is risky in it ------------------------------------------------------

function neverEnds(key) {
	return key.expires_at === null;
}

function isIdle(key) {
	const last = new Date(key.last_used_at ?? key.created_at);

	return now() - last >= idleDays * day;
}

function isUnlimited(key) {
	return allScopes.every((scope) => key.scopes.includes(scope));
}

// Of the keys that work: those that never end, are idle, or may do everything.
// What is disabled, or on its way out, endangers nobody.
export function risksOf(keys) {
	const working = keys.filter((key) => stateOf(key) === "works");

	return {
		endless: working.filter(neverEnds),
		idle: working.filter(isIdle),
		unlimited: working.filter(isUnlimited),
	};
}
