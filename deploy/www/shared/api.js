// api: requests to the API. They are authenticated by the browser's session, a
// cookie that scripts cannot read, or by pasted keys, one for each mode. A key is
// kept in the storage of this tab and sent in a header, never in a URL.

import { syncClock } from "./clock.js";

const keyForm = /^(test|live)_io7_[0-9a-f]{32}$/;
const modes = ["live", "test"];
const scanTries = 10;
const read = (name) => sessionStorage.getItem(`io7.${name}`);
const keep = (name, value) => sessionStorage.setItem(`io7.${name}`, value);
const drop = (name) => sessionStorage.removeItem(`io7.${name}`);

// The browser's session as it was first loaded: CSRF token and user.
let session = null;
let sessionRequest = null;

// --- Credentials and mode -----------------------------------------------------

// The mode of a key, by its prefix; null if the text does not look like a key.
export function modeOfKey(text) {
	return keyForm.exec(text)?.[1] ?? null;
}

export function hasKey(mode) {
	return read(`key.${mode}`) !== null;
}

export function usesKeys() {
	return modes.some(hasKey);
}

// The key that this tab sends; null: the session cookie is used.
export function credential() {
	return read(`key.${mode()}`);
}

// Stores a key for its mode and switches to that mode.
export function useKey(key) {
	const mode = modeOfKey(key);

	keep(`key.${mode}`, key);
	setMode(mode);
}

export function forgetKey(key) {
	modes.filter((mode) => read(`key.${mode}`) === key)
		.forEach((mode) => drop(`key.${mode}`));
}

export function forgetKeys() {
	modes.forEach((mode) => drop(`key.${mode}`));
}

export function mode() {
	const chosen = read("mode") === "test" ? "test" : "live";
	const other = chosen === "test" ? "live" : "test";

	return usesKeys() && !hasKey(chosen) ? other : chosen;
}

export function setMode(to) {
	keep("mode", to);
}

// --- Errors -------------------------------------------------------------------

// An error answer: code, message, status and details from the API, and retryAfter
// in seconds if the answer has that header. Status 0: no answer arrived.
class ApiError extends Error {
	constructor({ code, message, status, retryAfter = null, details = null }) {
		super(message);
		Object.assign(this, { code, status, retryAfter, details });
	}

	// The message together with the field that it is about.
	get sentence() {
		const { field, problem } = this.details ?? {};
		const about = field === "body" ? "it" : field;

		return problem ? `${this.message.replace(/\.$/, "")}:`
			+ ` ${about} ${problem}.` : this.message;
	}
}

// The error of an answer. header: a function that returns a header by name. An answer
// to a libSQL client has code and message themselves.
export function errorFrom(status, header, body) {
	const after = Number(header("Retry-After"));
	let answer = {};

	try {
		answer = JSON.parse(body);
	} catch {
		// Not an answer of io7: a proxy's own page, or a truncated body.
	}
	return new ApiError({
		code: "internal",
		message: "The server sent an invalid answer.",
		...answer?.error ?? answer,
		status,
		retryAfter: after > 0 ? after : null,
	});
}

// If the request was aborted while its body was read: the AbortError.
async function errorOf(response, signal) {
	const body = await response.text().catch(() => "");

	return signal?.aborted ? signal.reason : errorFrom(response.status,
		(name) => response.headers.get(name), body);
}

// --- Requests -----------------------------------------------------------------

export function unreachable() {
	return new ApiError({
		code: "unreachable",
		message: "The server does not answer. Check that it is running and"
			+ " that you are online.",
		status: 0,
	});
}

// An aborted request fails with the AbortError, any other as unreachable.
function failure(error, signal) {
	return signal?.aborted ? error : unreachable();
}

async function send(path, options) {
	let response;

	try {
		response = await fetch(path, options);
	} catch (error) {
		throw failure(error, options.signal);
	}
	syncClock(response.headers.get("Date"));
	if (!response.ok)
		throw await errorOf(response, options.signal);
	return response;
}

function askSession() {
	return request("GET", "/api/session", { key: null });
}

// Writes by cookie need the CSRF token of the session. It is loaded once, before the
// page shows data, so that token and data belong to the same account.
export async function loadSession() {
	session ??= await (sessionRequest ??= askSession()
		.finally(() => { sessionRequest = null; }));
	return session;
}

// Whether the session has a new token, because the user signed in again in another
// tab. Throws if that was another user: a write must not reach a different account.
async function sessionChanged() {
	const before = session;
	const after = await askSession();

	if (after.user.id !== before.user.id)
		throw new ApiError({
			code: "other_account",
			message: `This browser is now signed in as ${after.user.name}.`
				+ " Nothing was changed. Reload this page.",
			status: 409,
		});
	session = after;
	return after.csrf_token !== before.csrf_token;
}

// The headers of a request. key replaces the key of this tab; null stands for the
// session.
export async function headersFor(method, { key, type, headers } = {}) {
	const sent = key === undefined ? credential() : key;
	const own = { Accept: "application/json" };

	if (sent)
		own.Authorization = `Bearer ${sent}`;
	else
		own["Io7-Mode"] = mode();
	if (type)
		own["Content-Type"] = type;
	if (!sent && method !== "GET") {
		await loadSession();
		own["X-CSRF-Token"] = session.csrf_token;
	}
	return { ...own, ...headers };
}

async function attempt(method, path,
	{ body, type = "application/json", headers, key, signal }) {
	const all = await headersFor(method,
		{ key, headers, type: body === undefined ? null : type });

	return send(path, {
		method,
		headers: all,
		body,
		signal,
		credentials: all.Authorization ? "omit" : "same-origin",
		cache: "no-store",
		redirect: "error",
	});
}

// Resolves after that time; rejects if the signal aborts.
function pause(seconds, signal) {
	return new Promise((resolve, reject) => {
		const timer = setTimeout(resolve, seconds * 1000);

		signal?.addEventListener("abort", () => {
			clearTimeout(timer);
			reject(signal.reason);
		}, { once: true });
	});
}

// An account may run only so many scans at the same time, and one that this page has
// aborted counts until the server notices. So a read that is refused for this is sent
// again, as the server asks.
async function attemptScan(method, path, options) {
	for (let tries = 1; ; tries++) {
		try {
			return await attempt(method, path, options);
		} catch (error) {
			if (method !== "GET" || error.details?.field !== "scans"
			    || tries === scanTries)
				throw error;
			await pause(error.retryAfter ?? 1, options.signal);
		}
	}
}

// Sends a request and returns the Response, whose body is not read yet. Throws an
// ApiError for an error answer. body: text or a file, sent unchanged with that type;
// signal aborts the request.
export async function respond(method, path, options = {}) {
	const { key = credential() } = options;

	try {
		return await attemptScan(method, path, options);
	} catch (error) {
		if (error.status !== 403 || method === "GET" || key
		    || !await sessionChanged())
			throw error;
		return attempt(method, path, options);
	}
}

// Requests an event stream, to be read by readEvents. body: JSON as text, so that
// numbers keep their digits; signal closes the stream.
export function stream(method, path, { body, signal }) {
	return respond(method, path, { body, signal,
		headers: { Accept: "text/event-stream" } });
}

// Sends a request and returns status, headers and the body as unparsed text.
export async function exchange(method, path, options) {
	const response = await respond(method, path, options);

	try {
		const { status, headers } = response;
		return { status, headers, text: await response.text() };
	} catch (error) {
		throw failure(error, options?.signal);
	}
}

// The same with JSON in and out. Not for stored values: their numbers may not fit
// into JavaScript's.
export async function request(method, path, { body, key, signal } = {}) {
	const { text } = await exchange(method, path, { key, signal,
		body: body === undefined ? undefined : JSON.stringify(body) });

	return text ? JSON.parse(text) : null;
}

// Returns the user, plan, mode and scopes of a key.
export async function validate(token) {
	const response = await send("/api/auth/validate", {
		method: "POST",
		headers: { "Content-Type": "application/json" },
		body: JSON.stringify({ token }),
		credentials: "omit",
		cache: "no-store",
	});

	return response.json();
}

// Ends the session and clears everything that this tab stored.
export async function signOut() {
	if (!usesKeys())
		await request("POST", "/auth/logout", { key: null })
			.catch((error) => {
				if (error.status !== 401)
					throw error;
			});
	Object.keys(sessionStorage).filter((name) => name.startsWith("io7."))
		.forEach((name) => sessionStorage.removeItem(name));
}
