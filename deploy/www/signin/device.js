// device: approves or denies a device that shows a code. The code comes from the
// URL if the device made a link of it; otherwise the user types it. Approving needs
// a session: a key cannot do it.

import { find, make } from "../dom.js";
import { relative } from "../format.js";
import { ask, requireLogin, open } from "../shell.js";

const form = find("code-form");
const field = find("code");
const problem = find("problem");
const content = find("content");
let turn = 0;

function say(message) {
	problem.textContent = message ?? "";
	problem.hidden = !message;
}

function explain(error) {
	say(error.retryAfter
		? `${error.message} Try again in ${error.retryAfter} s.`
		: error.message);
}

function pathOf(code) {
	return `/api/device/${encodeURIComponent(code)}`;
}

function finish(approve) {
	content.replaceChildren(make("div", { class: "panel", id: "decided",
		role: "status", tabindex: -1 },
		make("h2", {}, approve ? "Device approved" : "Device denied"),
		make("p", { class: "soft" }, approve
			? "The device is signed in. You can close this page."
			: "The device is not signed in. You can close this page.")));
	find("decided").focus();
}

async function decide(device, approve, buttons) {
	buttons.forEach((button) => { button.disabled = true; });
	say(null);
	try {
		await ask("POST", pathOf(device.user_code),
			{ key: null, body: { approve } });
		finish(approve);
	} catch (error) {
		buttons.forEach((button) => { button.disabled = false; });
		explain(error);
	}
}

function show(device) {
	const approve = make("button", { type: "button", id: "approve",
		onclick: () => decide(device, true, [approve, deny]) },
		"Approve");
	const deny = make("button", { type: "button", class: "quiet", id: "deny",
		onclick: () => decide(device, false, [approve, deny]) },
		"Deny");

	content.replaceChildren(make("div", { class: "panel", id: "device" },
		make("h2", {}, "Does your device show this code?"),
		make("p", { class: "code", id: "shown-code" }, device.user_code),
		make("dl", { class: "facts-list" },
			make("div", {}, make("dt", {}, "Device"),
				make("dd", { id: "agent" }, device.user_agent || "Unknown")),
			make("div", {}, make("dt", {}, "IP address"),
				make("dd", {}, device.address ?? "Unknown")),
			make("div", {}, make("dt", {}, "Requested"),
				make("dd", {}, relative(device.created_at)))),
		make("p", { class: "soft" }, "The device gets full access to your"
			+ " account, live and test data. Approve it only if you"
			+ " started this yourself."),
		make("p", { class: "choices" }, approve, deny)));
}

// Looks up a code. If answers arrive out of order, the last request wins.
async function lookUp(code) {
	const mine = ++turn;

	say(null);
	content.replaceChildren();
	try {
		const device = await ask("GET", pathOf(code), { key: null });

		if (mine === turn)
			show(device);
	} catch (error) {
		if (mine === turn)
			explain(error);
	}
}

form.addEventListener("submit", (event) => {
	event.preventDefault();
	if (field.value.trim())
		lookUp(field.value.trim());
});

open(() => {});
const linked = new URLSearchParams(location.search).get("code");
if (linked) {
	field.value = linked;
	lookUp(linked);
} else {
	requireLogin({ key: null });
}
