// shell: what stands around every room of the dashboard: the header, the way
// from room to room, the switch between test and live, and the way out.

import * as api from "./api.js";
import { find, make } from "./dom.js";
import { troublePlace } from "./trouble.js";

const loginPath = "/dashboard/login";

// --- The way to the login and back --------------------------------------------

// Where to go after the login: a path of this site, whatever the address says.
export function returnPath() {
	const said = new URLSearchParams(location.search).get("return") ?? "";

	if (!/^\/(?![/\\])/.test(said) || said.length > 512)
		return "/dashboard";
	const url = new URL(said, location.origin);
	return url.origin === location.origin && url.pathname !== loginPath
		? url.pathname + url.search : "/dashboard";
}

// What stands behind # may be a name of somebody's: it waits in this tab, for a
// way through other places would tell it to them.
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

// Whether the page is about to go to the login.
let isLeaving = false;

export function leaves() {
	return isLeaving;
}

// notice: why, in a sentence, shown once on the login page.
export function toLogin({ notice = null, mode = null } = {}) {
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

// Why one has to sign in, to whoever had a key. The one that was refused is
// forgotten: another may be in use by now.
function noticeOf(error, key, options) {
	if (options?.key === null)
		return api.usesKeys() ? "A key cannot do this: sign in with GitHub."
			: null;
	if (key === null)
		return null;
	api.forgetKey(key);
	return error.message;
}

// What work answers. When it takes somebody to be signed in it leads to the login,
// and then never ends: the page is about to go.
export async function orLogin(work, options) {
	const key = api.credential();

	try {
		return await work();
	} catch (error) {
		if (error.status !== 401)
			throw error;
		toLogin({ notice: noticeOf(error, key, options) });
		return new Promise(() => {});
	}
}

// A request that leads to the login when nobody is signed in.
export function ask(method, path, options) {
	return orLogin(() => api.request(method, path, options), options);
}

// For a page that asks for nothing at first: who is not signed in learns it now,
// and not after the work; and for one that changes something: it does so for who is
// signed in now. What else is wrong, the page's own requests will meet.
export async function expectSomebody({ key } = {}) {
	if (key === null || !api.usesKeys())
		await orLogin(api.learnSession, { key }).catch(() => {});
}

// --- The header ---------------------------------------------------------------

function showMode() {
	const isTest = api.mode() === "test";
	const title = document.title.replace(/^\[test\] /, "");

	document.documentElement.dataset.mode = api.mode();
	document.title = isTest ? `[test] ${title}` : title;
	find("mode-note").hidden = !isTest;
}

// A key knows one mode: for the other, its key is asked for.
function switchMode(to, onMode) {
	if (api.usesKeys() && !api.hasKey(to)) {
		toLogin({ mode: to });
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
		make("legend", { class: "unseen" }, "Which data to show"),
		...choices);
}

async function leave(mayLeave) {
	if (!await mayLeave())
		return;
	try {
		await api.signOut();
		location.assign(loginPath);
	} catch (error) {
		complain(error, () => leave(mayLeave));
	}
}

// A page that the browser kept, and shows again when one goes back, may show what
// somebody saw who has signed out since.
function neverAsKept({ persisted }) {
	if (persisted)
		location.reload();
}

// Draws the header; onMode is called when another mode is chosen, mayLeave before
// one signs out.
export function open(onMode, mayLeave = () => true) {
	takeFragment();
	addEventListener("pageshow", neverAsKept);
	find("shell").append(
		modeSwitch(onMode),
		make("button", { class: "quiet", id: "sign-out", type: "button",
			onclick: () => leave(mayLeave) }, "Sign out"));
	find("shell").querySelector("[aria-current]")
		?.scrollIntoView({ block: "nearest", inline: "center" });
	find("shell").after(make("p", { id: "mode-note", class: "mode-note",
		role: "status", hidden: true },
		make("strong", {}, "Test mode."), " You see test data."));
	showMode();
}

// --- What went wrong ----------------------------------------------------------

// In place of what the page would show, with a way to try again.
export function complain(error, again) {
	const place = troublePlace();
	const button = make("button", { type: "button", onclick: again },
		"Try again");

	find("content").replaceChildren(make("div", { class: "trouble" },
		place.element, button));
	place.show(error, button);
}
