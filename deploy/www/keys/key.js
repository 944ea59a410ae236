// key: the state and the risks of a key.

import { credential } from "../api.js";
import { now } from "../clock.js";
import { relative } from "../format.js";

export const idleDays = 90;
export const allScopes = ["read", "write", "admin", "database", "database:read"];
const fullAccess = ["read", "write", "admin"];

const day = 86400000;

// --- State --------------------------------------------------------------------

function isPast(time) {
	return time !== null && new Date(time) <= now();
}

// active, expiring (rotated, in its grace period), disabled, expired or revoked.
export function stateOf(key) {
	if (key.revoked_at)
		return "revoked";
	if (isPast(key.expires_at))
		return "expired";
	if (!key.enabled)
		return "disabled";
	return key.rotated_to && key.expires_at ? "expiring" : "active";
}

export function hasEnded(key) {
	return ["revoked", "expired"].includes(stateOf(key));
}

export function stateWords(key) {
	return {
		active: () => "Active",
		expiring: () => `Expiring ${relative(key.expires_at)}`,
		disabled: () => "Disabled",
		expired: () => "Expired",
		revoked: () => "Revoked",
	}[stateOf(key)]();
}

// "test_io7_5f0…91ac": the part of a key that is not secret.
export function shortOf(key) {
	return `${key.prefix}…${key.last4}`;
}

export function quoted(key) {
	return `“${key.label}”`;
}

// Whether this tab uses the key itself.
export function isOwn(key) {
	const own = credential();

	return own !== null && own.startsWith(key.prefix)
		&& own.endsWith(key.last4);
}

// A warning for the tab's own key; null for other keys.
export function ownWarning(key, what) {
	return isOwn(key) ? `This tab uses this key. ${what}` : null;
}

// --- Risks --------------------------------------------------------------------

function neverExpires(key) {
	return key.expires_at === null;
}

function isIdle(key) {
	const last = new Date(key.last_used_at ?? key.created_at);

	return now() - last >= idleDays * day;
}

function hasFullAccess(key) {
	return fullAccess.every((scope) => key.scopes.includes(scope));
}

// Active keys by risk. Keys that are disabled or expiring are not a risk.
export function risksOf(keys) {
	const active = keys.filter((key) => stateOf(key) === "active");

	return {
		endless: active.filter(neverExpires),
		idle: active.filter(isIdle),
		unlimited: active.filter(hasFullAccess),
	};
}
