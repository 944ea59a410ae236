// login: GitHub, or a key. What goes wrong is said where it was typed.

import { forgetKeys, modeOfKey, useKey, validate } from "../api.js";
import { find } from "../dom.js";
import { duration } from "../format.js";
import { returnPath, takeNotice } from "../shell.js";

const form = find("key-form");
const field = find("key");
const problem = find("problem");
const button = form.querySelector("button");
const wanted = new URLSearchParams(location.search).get("mode");

function say(message) {
	problem.textContent = message ?? "";
	problem.hidden = !message;
	field.setAttribute("aria-invalid", message ? "true" : "false");
}

// The button counts down and works again when the time is over.
function wait(seconds) {
	const until = Date.now() + seconds * 1000;
	const words = button.textContent;

	button.disabled = true;
	const timer = setInterval(tick, 250);
	function tick() {
		const left = (until - Date.now()) / 1000;

		button.textContent = left > 0
			? `Again in ${duration(left)}` : words;
		if (left > 0)
			return;
		clearInterval(timer);
		button.disabled = false;
		say(null);
	}
	tick();
}

function objection(key) {
	const mode = modeOfKey(key);

	if (!mode)
		return "A key looks like test_io7_ or live_io7_ and 32 digits.";
	return wanted && wanted !== mode
		? `This is a ${mode} key; a ${wanted} key shows ${wanted} data.`
		: null;
}

function explain(error) {
	if (error.status === 401)
		say(`This key does not work. ${error.message}`);
	else
		say(error.message);
	if (error.status === 429)
		wait(error.retryAfter ?? 60);
}

async function enter(event) {
	const key = field.value.trim();

	event.preventDefault();
	say(objection(key));
	if (objection(key)) {
		field.focus();
		return;
	}
	button.disabled = true;
	try {
		await validate(key);
		useKey(key);
		// The page may come back just as it is left.
		field.value = "";
		button.disabled = false;
		location.assign(returnPath());
	} catch (error) {
		button.disabled = false;
		explain(error);
	}
}

find("github").href = `/auth/github?return=${
	encodeURIComponent(returnPath())}`;
find("github").addEventListener("click", forgetKeys);
form.addEventListener("submit", enter);
say(takeNotice());
if (["live", "test"].includes(wanted))
	find("key-label").textContent = `A ${wanted} key`;
