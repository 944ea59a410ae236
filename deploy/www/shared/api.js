// api: what the pages ask of the API, and as whom. Either the browser has a
// session, which is a cookie that no script can read, or somebody pasted a key
// for each mode that they want to see. A key stays in this tab's storage and
// travels in a header: never in an address.

import { heard } from "./clock.js";

const keyForm = /^(test|live)_io7_[0-9a-f]{32}$/;
const modes = ["live", "test"];
const read = (name) => sessionStorage.getItem(`io7.${name}`);
const keep = (name, value) => sessionStorage.setItem(`io7.${name}`, value);
const drop = (name) => sessionStorage.removeItem(`io7.${name}`);

// The browser's session, as it was when it was first asked for: its token and whose
// it is.
let session = null;
let asking = null;

// --- Who asks, and for which data ---------------------------------------------

// The mode of a key as it is written; null: no key looks like this.
export function modeOfKey(text) {
	return keyForm.exec(text)?.[1] ?? null;
}

export function hasKey(mode) {
	return read(`key.${mode}`) !== null;
}

export function usesKeys() {
	return modes.some(hasKey);
}

// The key that a request of this tab goes with; null: the session's cookie.
export function credential() {
	return read(`key.${mode()}`);
}

// From now on the pages show what this key may see.
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
	const said = read("mode") === "test" ? "test" : "live";
	const other = said === "test" ? "live" : "test";

	return usesKeys() && !hasKey(said) ? other : said;
}

export function setMode(to) {
	keep("mode", to);
}

// --- Refusals -----------------------------------------------------------------

// What went wrong: code, message and status as the API says, and retryAfter,
// the seconds to wait, where it is known. Status 0: nobody answered.
class ApiError extends Error {
	constructor({ code, message, status, retryAfter = null, details = null }) {
		super(message);
		Object.assign(this, { code, status, retryAfter, details });
	}

	// The same, with what it is about.
	get sentence() {
		const { field, problem } = this.details ?? {};
		const about = field === "body" ? "it" : field;

		return problem ? `${this.message.replace(/\.$/, "")}:`
			+ ` ${about} ${problem}.` : this.message;
	}
}

// headers: a function that gives one; body: the text that came with it.
export function refusal(status, header, body) {
	const after = Number(header("Retry-After"));
	let said = {};

	try {
		said = JSON.parse(body);
	} catch {
		// Not what we answer: a proxy's own page, or half of ours.
	}
	return new ApiError({
		code: "internal",
		message: "The server did not answer properly.",
		...said.error,
		status,
		retryAfter: after > 0 ? after : null,
	});
}

// Of a refusal that was given up before it was read, the AbortError.
async function errorOf(response, signal) {
	const body = await response.text().catch(() => "");

	return signal?.aborted ? signal.reason : refusal(response.status,
		(name) => response.headers.get(name), body);
}

// --- Requests -----------------------------------------------------------------

export function away() {
	return new ApiError({
		code: "away",
		message: "The server does not answer. Is it up, and are you online?",
		status: 0,
	});
}

// Who gave up a request gets the AbortError; who did not, that nobody answers.
function failure(error, signal) {
	return signal?.aborted ? error : away();
}

async function send(path, options) {
	let response;

	try {
		response = await fetch(path, options);
	} catch (error) {
		throw failure(error, options.signal);
	}
	heard(response.headers.get("Date"));
	if (!response.ok)
		throw await errorOf(response, options.signal);
	return response;
}

function askSession() {
	return request("GET", "/api/session", { key: null });
}

// A change by cookie needs the session's token; it is asked for once a page, early,
// so that what the page shows is of the account that the token is of.
export async function learnSession() {
	session ??= await (asking ??= askSession()
		.finally(() => { asking = null; }));
	return session;
}

// Whether the token is another by now: one may have signed in anew elsewhere. What
// was meant for one account is never done to another's.
async function learnsAnother() {
	const before = session;
	const after = await askSession();

	if (after.user.id !== before.user.id)
		throw new ApiError({
			code: "other_account",
			message: `This browser is now signed in as ${after.user.name}.`
				+ " Nothing was changed: load this page anew.",
			status: 409,
		});
	session = after;
	return after.csrf_token !== before.csrf_token;
}

// What a request says of who asks, for which data. key: another credential
// than the tab's; null: the session, whatever was pasted.
export async function headersFor(method, { key, type, headers } = {}) {
	const sent = key === undefined ? credential() : key;
	const said = { Accept: "application/json" };

	if (sent)
		said.Authorization = `Bearer ${sent}`;
	else
		said["Io7-Mode"] = mode();
	if (type)
		said["Content-Type"] = type;
	if (!sent && method !== "GET") {
		await learnSession();
		said["X-CSRF-Token"] = session.csrf_token;
	}
	return { ...said, ...headers };
}

async function attempt(method, path,
	{ body, type = "application/json", headers, key, signal }) {
	const said = await headersFor(method,
		{ key, headers, type: body === undefined ? null : type });

	return send(path, {
		method,
		headers: said,
		body,
		signal,
		credentials: said.Authorization ? "omit" : "same-origin",
		cache: "no-store",
		redirect: "error",
	});
}

// The answer, not yet read; an ApiError when the API refuses. body: text or a
// file, sent as it is, of that type; signal: gives the request up.
export async function respond(method, path, options = {}) {
	const { key = credential() } = options;

	try {
		return await attempt(method, path, options);
	} catch (error) {
		if (error.status !== 403 || method === "GET" || key
		    || !await learnsAnother())
			throw error;
		return attempt(method, path, options);
	}
}

// An answer of events, to be read by readEvents. body: JSON as text, so that
// its numbers keep their digits; signal: ends it.
export function stream(method, path, { body, signal }) {
	return respond(method, path, { body, signal,
		headers: { Accept: "text/event-stream" } });
}

// An answer, read: status, headers and the text as it came, every digit of it.
export async function exchange(method, path, options) {
	const response = await respond(method, path, options);

	try {
		const { status, headers } = response;
		return { status, headers, text: await response.text() };
	} catch (error) {
		throw failure(error, options?.signal);
	}
}

// The same as JSON, for what is ours; never for a value, whose numbers may be
// larger than JavaScript's. body: what becomes JSON.
export async function request(method, path, { body, key, signal } = {}) {
	const { text } = await exchange(method, path, { key, signal,
		body: body === undefined ? undefined : JSON.stringify(body) });

	return text ? JSON.parse(text) : null;
}

// Whose the key is; it is told to the API alone, in a body.
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

// Ends what this tab may do: a session is ended, and what was kept is forgotten.
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
