// kv: the calls of the store that the page makes. A value is text here, as it came
// or as it was typed; a version is its ETag.

import * as api from "../api.js";
import { ask as askJson, orLogin } from "../shell.js";

let scopes = null;

function ask(method, path, options) {
	return orLogin(() => api.exchange(method, path, options));
}

// --- Who asks -----------------------------------------------------------------

// Whose data it is, by the account's id, and what may be done with it: a session may
// do everything (null), a key what its scopes say.
export async function learnWho() {
	const isKey = api.usesKeys();
	const who = isKey ? await askJson("GET", "/api/me")
		: await orLogin(api.learnSession);

	return { account: who.user.id, scopes: isKey ? who.scopes : null };
}

export function useScopes(said) {
	scopes = said;
}

export function may(scope) {
	return scopes === null || scopes.includes(scope);
}

// --- One key ------------------------------------------------------------------

// A browser takes these for folders, however they are written.
export function hasAddress(key) {
	return key !== "." && key !== "..";
}

function pathOf(key, ttl = null) {
	return `/kv/${encodeURIComponent(key)}${ttl ? `?ttl=${ttl}` : ""}`;
}

export function versionOf(etag) {
	return /"(.*)"/.exec(etag)?.[1] ?? "?";
}

function markOf({ headers }) {
	return {
		etag: headers.get("ETag"),
		expiresAt: headers.get("Io7-Expires-At"),
	};
}

export async function getValue(key, signal) {
	const answer = await ask("GET", pathOf(key), { signal });

	return {
		key,
		text: answer.text,
		updatedAt: answer.headers.get("Last-Modified"),
		...markOf(answer),
	};
}

// Stores a text over that version; etag null: only if the key is not there. A
// time to live that is not given again is gone.
export async function putValue(key, text, { etag, ttl = null }) {
	return markOf(await ask("PUT", pathOf(key, ttl), {
		body: text,
		headers: etag ? { "If-Match": etag } : { "If-None-Match": "*" },
	}));
}

export function removeValue(key, etag) {
	return ask("DELETE", pathOf(key), { headers: { "If-Match": etag } });
}

// --- Many keys ----------------------------------------------------------------

function query(parameters) {
	return Object.entries(parameters)
		.filter(([, value]) => value !== null)
		.map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
		.join("&");
}

export async function listKeys({ pattern, cursor = null, limit, signal }) {
	const { text } = await ask("GET",
		`/kv?${query({ pattern, limit, cursor })}`, { signal });

	return JSON.parse(text);
}

export async function countKeys(pattern, signal) {
	const { text } = await ask("GET",
		`/kv?${query({ pattern, count: true })}`, { signal });

	return JSON.parse(text).count;
}

// Some of them at a time: how many are gone, and whether those are all.
export async function removeKeys(pattern, signal) {
	const { text } = await ask("DELETE",
		`/kv?${query({ pattern, confirm: true })}`, { signal });

	return JSON.parse(text);
}

export function exportKeys(pattern, signal) {
	return orLogin(() => api.respond("GET",
		`/api/kv/export?${query({ pattern, end: true })}`, { signal }));
}
