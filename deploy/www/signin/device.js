// device: a person lets a device in that shows a code, or does not. The code
// comes in the address when the device made a link of it, else it is typed. It
// takes a session: no key may let anybody in.

import { find, make } from "../dom.js";
import { relative } from "../format.js";
import { ask, expectSomebody, open } from "../shell.js";

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
		make("h2", {}, approve ? "It is let in." : "It is kept out."),
		make("p", { class: "soft" }, approve
			? "The device goes on by itself. You can close this page."
			: "The device is told so. You can close this page.")));
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
		"Let it in");
	const deny = make("button", { type: "button", class: "quiet", id: "deny",
		onclick: () => decide(device, false, [approve, deny]) },
		"Keep it out");

	content.replaceChildren(make("div", { class: "panel", id: "device" },
		make("h2", {}, "Does your device show this code?"),
		make("p", { class: "code", id: "shown-code" }, device.user_code),
		make("dl", { class: "facts-list" },
			make("div", {}, make("dt", {}, "It says it is"),
				make("dd", { id: "agent" }, device.user_agent || "nothing")),
			make("div", {}, make("dt", {}, "It asks from"),
				make("dd", {}, device.address ?? "somewhere")),
			make("div", {}, make("dt", {}, "It asked"),
				make("dd", {}, relative(device.created_at)))),
		make("p", { class: "soft" }, "It will act as you, on live and test"
			+ " data. Let it in only if you started this yourself."),
		make("p", { class: "choices" }, approve, deny)));
}

// The code that was asked for last is shown, whichever answer comes first.
async function look(code) {
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
		look(field.value.trim());
});

open(() => {});
const said = new URLSearchParams(location.search).get("code");
if (said) {
	field.value = said;
	look(said);
} else {
	expectSomebody({ key: null });
}
