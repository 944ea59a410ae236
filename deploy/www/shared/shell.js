// shell: what all pages of the dashboard share: the switch between test and live
// data, sign-out, the redirect to the login page, and the display of errors.

import * as api from "./api.js";
import { find, make } from "./dom.js";
import { errorBox } from "./errorbox.js";

const loginPath = "/dashboard/login";

// --- Login --------------------------------------------------------------------

// Where to go after the login. Anything but a path of this site is ignored, so that
// a link cannot redirect to another site.
export function returnPath() {
	const wanted = new URLSearchParams(location.search).get("return") ?? "";

	if (!/^\/(?![/\\])/.test(wanted) || wanted.length > 512)
		return "/dashboard";
	const url = new URL(wanted, location.origin);
	return url.origin === location.origin && url.pathname !== loginPath
		? url.pathname + url.search : "/dashboard";
}

// The fragment may hold the name of a user's key. It is kept in this tab, because
// the return path is sent to the server and to GitHub.
function keepFragment() {
	sessionStorage.setItem("io7.fragment",
		JSON.stringify([location.pathname, location.hash]));
}

function takeFragment() {
	const [path, hash] = JSON.parse(
		sessionStorage.getItem("io7.fragment") ?? "[]");

	sessionStorage.removeItem("io7.fragment");
	if (path === location.pathname && !location.hash && hash)
		history.replaceState(null, "", hash);
}

// True while the browser navigates to the login page.
let isLeaving = false;

export function isLeavingPage() {
	return isLeaving;
}

// notice: a sentence that the login page shows once.
export function goToLogin({ notice = null, mode = null } = {}) {
	const query = new URLSearchParams({
		return: location.pathname + location.search,
	});

	if (mode)
		query.set("mode", mode);
	if (notice)
		sessionStorage.setItem("io7.notice", notice);
	keepFragment();
	isLeaving = true;
	location.assign(`${loginPath}?${query}`);
}

export function takeNotice() {
	const notice = sessionStorage.getItem("io7.notice");

	sessionStorage.removeItem("io7.notice");
	return notice;
}

// The reason for the login, if a key was used. The rejected key is removed, unless
// it was replaced meanwhile.
function noticeOf(error, key, options) {
	if (options?.key === null)
		return api.usesKeys()
			? "This page needs a session. Sign in with GitHub." : null;
	if (key === null)
		return null;
	api.forgetKey(key);
	return error.message;
}

// Does work and returns its result. On 401 it goes to the login page and never
// resolves, because the page is being left.
export async function withLogin(work, options) {
	const key = api.credential();

	try {
		return await work();
	} catch (error) {
		if (error.status !== 401)
			throw error;
		goToLogin({ notice: noticeOf(error, key, options) });
		return new Promise(() => {});
	}
}

// A request that goes to the login page on 401.
export function ask(method, path, options) {
	return withLogin(() => api.request(method, path, options), options);
}

// Loads the session when the page opens: the login comes before the user types, not
// after, and later writes are bound to the user of now. Other errors are left to
// the page's own requests.
export async function requireLogin({ key } = {}) {
	if (key === null || !api.usesKeys())
		await withLogin(api.loadSession, { key }).catch(() => {});
}

// --- The header ---------------------------------------------------------------

function showMode() {
	const isTest = api.mode() === "test";
	const title = document.title.replace(/^\[test\] /, "");

	document.documentElement.dataset.mode = api.mode();
	document.title = isTest ? `[test] ${title}` : title;
	find("mode-note").hidden = !isTest;
}

// A key works in one mode. The login page asks for a key of the other.
function switchMode(to, onMode) {
	if (api.usesKeys() && !api.hasKey(to)) {
		goToLogin({ mode: to });
		return;
	}
	api.setMode(to);
	showMode();
	onMode();
}

function modeSwitch(onMode) {
	const choices = ["live", "test"].map((mode) => make("label", {},
		make("input", {
			type: "radio",
			name: "mode",
			value: mode,
			id: `mode-${mode}`,
			checked: api.mode() === mode,
			onchange: () => switchMode(mode, onMode),
		}),
		make("span", {}, mode === "test" ? "Test" : "Live")));

	return make("fieldset", { class: "modes" },
		make("legend", { class: "unseen" }, "Data to show"),
		...choices);
}

async function signOut(mayLeave) {
	if (!await mayLeave())
		return;
	try {
		await api.signOut();
		location.assign(loginPath);
	} catch (error) {
		showError(error, () => signOut(mayLeave));
	}
}

// A page restored from the back/forward cache may show data of a user who has signed
// out since.
function reloadIfRestored({ persisted }) {
	if (persisted)
		location.reload();
}

// Completes the header. onMode is called after a change of the mode. mayLeave is
// asked before the sign-out.
export function open(onMode, mayLeave = () => true) {
	takeFragment();
	addEventListener("pageshow", reloadIfRestored);
	find("shell").append(
		modeSwitch(onMode),
		make("button", { class: "quiet", id: "sign-out", type: "button",
			onclick: () => signOut(mayLeave) }, "Sign out"));
	find("shell").querySelector("[aria-current]")
		?.scrollIntoView({ block: "nearest", inline: "center" });
	find("shell").after(make("p", { id: "mode-note", class: "mode-note",
		role: "status", hidden: true },
		make("strong", {}, "Test mode."), " This page shows test data."));
	showMode();
}

// --- Errors -------------------------------------------------------------------

// Shows an error in place of the content, with a button to try again.
export function showError(error, again) {
	const box = errorBox();
	const button = make("button", { type: "button", onclick: again },
		"Try again");

	find("content").replaceChildren(make("div", { class: "trouble" },
		box.element, button));
	box.show(error, button);
}
