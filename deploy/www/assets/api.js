// api: what the pages ask of the API, and as whom. Either the browser has a
// session, which is a cookie that no script can read, or somebody pasted a key
// for each mode that they want to see. A key stays in this tab's storage and
// travels in a header: never in an address.

const keyForm = /^(test|live)_io7_[0-9a-f]{32}$/;
const modes = ["live", "test"];
const read = (name) => sessionStorage.getItem(`io7.${name}`);
const keep = (name, value) => sessionStorage.setItem(`io7.${name}`, value);
const drop = (name) => sessionStorage.removeItem(`io7.${name}`);

let csrfToken = null;

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

export function forgetKey(mode) {
	drop(`key.${mode}`);
}

export function forgetKeys() {
	modes.forEach(forgetKey);
}

export function mode() {
	const said = read("mode") === "test" ? "test" : "live";
	const other = said === "test" ? "live" : "test";

	return usesKeys() && !hasKey(said) ? other : said;
}

export function setMode(to) {
	keep("mode", to);
}

// --- Requests -----------------------------------------------------------------

// What went wrong: code, message and status as the API says, and retryAfter,
// the seconds to wait, where it is known. Status 0: nobody answered.
export class ApiError extends Error {
	constructor({ code, message, status, retryAfter = null, details = null }) {
		super(message);
		Object.assign(this, { code, status, retryAfter, details });
	}
}

async function errorOf(response) {
	const after = Number(response.headers.get("Retry-After"));
	const said = await response.json().catch(() => ({}));

	return new ApiError({
		code: "internal",
		message: "The server did not answer properly.",
		...said.error,
		status: response.status,
		retryAfter: after > 0 ? after : null,
	});
}

// The answer, which is no refusal.
async function fetchOk(path, options) {
	let response;

	try {
		response = await fetch(path, options);
	} catch (error) {
		if (options.signal?.aborted)
			throw error;
		throw new ApiError({
			code: "away",
			message: "The server does not answer. Is it up, and are you"
				+ " online?",
			status: 0,
		});
	}
	if (!response.ok)
		throw await errorOf(response);
	return response;
}

async function send(path, options) {
	const response = await fetchOk(path, options);

	return response.status === 204 ? null : response.json();
}

function headersOf(method, key, hasBody) {
	const headers = { Accept: "application/json" };

	if (key)
		headers.Authorization = `Bearer ${key}`;
	else
		headers["Io7-Mode"] = mode();
	if (hasBody)
		headers["Content-Type"] = "application/json";
	if (!key && method !== "GET")
		headers["X-CSRF-Token"] = csrfToken ?? "";
	return headers;
}

// A change by cookie needs the session's token; it is asked for once a page.
async function learnToken() {
	if (csrfToken === null) {
		const session = await request("GET", "/api/session", { key: null });
		csrfToken = session.csrf_token ?? "";
	}
}

// How a request goes with this key; null: with the session.
async function optionsOf(method, key, body) {
	if (!key && method !== "GET")
		await learnToken();
	return {
		method,
		headers: headersOf(method, key, body !== undefined),
		body,
		credentials: key ? "omit" : "same-origin",
		cache: "no-store",
		redirect: "error",
	};
}

// The JSON that the API answers; an ApiError when it refuses. key: another
// credential than the tab's; null: the session, whatever was pasted.
export async function request(method, path, { body, key } = {}) {
	return send(path, await optionsOf(method,
		key === undefined ? credential() : key,
		body === undefined ? undefined : JSON.stringify(body)));
}

// An answer of events, to be read by readEvents. body: JSON as text, so that
// its numbers keep their digits; signal: ends it.
export async function stream(method, path, { body, signal }) {
	const options = await optionsOf(method, credential(), body);

	options.headers.Accept = "text/event-stream";
	return fetchOk(path, { ...options, signal });
}

// Whose the key is; it is told to the API alone, in a body.
export function validate(token) {
	return send("/api/auth/validate", {
		method: "POST",
		headers: { "Content-Type": "application/json" },
		body: JSON.stringify({ token }),
		credentials: "omit",
		cache: "no-store",
	});
}

// Ends what this tab may do: its keys are forgotten, a session is ended.
export async function signOut() {
	const hadKeys = usesKeys();

	forgetKeys();
	drop("mode");
	if (!hadKeys)
		await request("POST", "/auth/logout", { key: null });
}
