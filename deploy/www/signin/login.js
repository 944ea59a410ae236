// login: signs in with GitHub or with a key. Errors are shown below the field.

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

// Disables the button and counts down until the user can try again.
function wait(seconds) {
	const until = Date.now() + seconds * 1000;
	const words = button.textContent;

	button.disabled = true;
	const timer = setInterval(tick, 250);
	function tick() {
		const left = (until - Date.now()) / 1000;

		button.textContent = left > 0
			? `Try again in ${duration(left)}` : words;
		if (left > 0)
			return;
		clearInterval(timer);
		button.disabled = false;
		say(null);
	}
	tick();
}

function problemOf(key) {
	const mode = modeOfKey(key);

	if (!mode)
		return "A key starts with test_io7_ or live_io7_, followed by 32"
			+ " hexadecimal digits.";
	return wanted && wanted !== mode
		? `This is a ${mode} key. Enter a ${wanted} key to see ${wanted} data.`
		: null;
}

function explain(error) {
	if (error.status === 401)
		say(`This key was rejected. ${error.message}`);
	else
		say(error.message);
	if (error.status === 429)
		wait(error.retryAfter ?? 60);
}

async function signIn(event) {
	const key = field.value.trim();

	event.preventDefault();
	say(problemOf(key));
	if (problemOf(key)) {
		field.focus();
		return;
	}
	button.disabled = true;
	try {
		await validate(key);
		useKey(key);
		// The back button may restore the page as it is now.
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
form.addEventListener("submit", signIn);
say(takeNotice());
if (["live", "test"].includes(wanted))
	find("key-label").textContent = `${wanted === "live" ? "Live" : "Test"} key`;
