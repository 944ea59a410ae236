// kv: the requests to the store. Values are handled as unparsed text. A version is an
// ETag.

import * as api from "../api.js";
import { ask as askJson, withLogin } from "../shell.js";

let scopes = null;

function ask(method, path, options) {
	return withLogin(() => api.exchange(method, path, options));
}

// --- Identity -----------------------------------------------------------------

// The id of the account and the scopes of the key; null for a session, which has all
// scopes.
export async function loadIdentity() {
	const isKey = api.usesKeys();
	const identity = isKey ? await askJson("GET", "/api/me")
		: await withLogin(api.loadSession);

	return { account: identity.user.id, scopes: isKey ? identity.scopes : null };
}

export function useScopes(granted) {
	scopes = granted;
}

export function may(scope) {
	return scopes === null || scopes.includes(scope);
}

// --- One key ------------------------------------------------------------------

// Browsers resolve these as path segments, even if they are percent-encoded.
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

// Stores a text if the key still has this version; etag null: only if the key does
// not exist. Without ttl the key no longer expires.
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

// One request deletes as many keys as fit into its time: { deleted, complete }.
export async function removeKeys(pattern, signal) {
	const { text } = await ask("DELETE",
		`/kv?${query({ pattern, confirm: true })}`, { signal });

	return JSON.parse(text);
}

export function exportKeys(pattern, signal) {
	return withLogin(() => api.respond("GET",
		`/api/kv/export?${query({ pattern, end: true })}`, { signal }));
}
