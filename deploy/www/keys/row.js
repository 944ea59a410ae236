// row: one key of the list, with what one may do with it.

import { find, make } from "../dom.js";
import { moment, relative } from "../format.js";
import { troublePlace } from "../trouble.js";
import { change, disable, enable, revoke, rotate } from "./acts.js";
import { labelField } from "./fields.js";
import { hasEnded, isOwn, quoted, shortOf, stateOf, stateWords }
	from "./key.js";

// --- What it is ---------------------------------------------------------------

function when(name, time, otherwise) {
	return make("div", {}, make("dt", {}, name), make("dd", {}, time
		? make("time", { datetime: time, title: moment(time) },
			relative(time))
		: otherwise));
}

function facts(key) {
	return make("dl", { class: "key-facts" },
		make("div", {}, make("dt", {}, "May"),
			make("dd", {}, key.scopes.join(", "))),
		when("Created", key.created_at),
		when("Last used", key.last_used_at, "never"),
		key.revoked_at ? when("Revoked", key.revoked_at)
			: when(hasEnded(key) ? "Expired" : "Expires",
				key.expires_at, "never"));
}

// --- Its label ----------------------------------------------------------------

// In place of the heading, until it is saved or left.
function relabel(key, heading, done) {
	const field = labelField(`label-${key.id}`, key.label);
	const trouble = troublePlace();
	const save = make("button", { type: "submit" }, "Save");
	const form = make("form", { class: "entry relabel", novalidate: true,
		onsubmit: go, onkeydown: (event) => {
			if (event.key === "Escape")
				leave();
		} },
	field.element, make("p", { class: "answers" },
		make("button", { type: "button", class: "quiet", onclick: leave },
			"Cancel"), save), trouble.element);

	function leave() {
		form.replaceWith(heading);
		find(`relabel-${key.id}`).focus();
	}

	async function go(event) {
		event.preventDefault();
		field.say(null);
		trouble.clear();
		save.disabled = true;
		try {
			const { label } = await change(key, { label: field.read() });

			leave();
			done(`It is called ${quoted({ label })} now.`);
		} catch (error) {
			save.disabled = false;
			refuse(error);
		}
	}

	function refuse(error) {
		if (error.details?.field === "label")
			field.say(`This ${error.details.problem}.`);
		else if (error.status === undefined)
			field.say(error.message);
		else
			trouble.show(error, save);
	}

	if (!heading.isConnected)
		return;
	heading.replaceWith(form);
	field.input.focus();
	field.input.select();
}

function headingOf(key) {
	return make("div", { class: "key-name" },
		make("h3", {}, key.label),
		make("span", { class: `state ${stateOf(key)}` }, stateWords(key)),
		isOwn(key) ? make("span", { class: "soft" }, "used by this tab")
			: null);
}

// --- What one may do with it --------------------------------------------------

// A button that does one thing at a time, and says below what went wrong. It is not
// disabled meanwhile: the keyboard, which comes back to it, would be lost.
function actButton(key, trouble, name, word, act) {
	const button = make("button", { type: "button",
		class: `quiet small ${name}`, "aria-label": `${word} ${quoted(key)}`,
		id: `${name}-${key.id}`, onclick: go }, word);
	let isBusy = false;

	async function go() {
		if (isBusy)
			return;
		isBusy = true;
		trouble.clear();
		try {
			await act();
		} catch (error) {
			trouble.show(error, button);
		} finally {
			isBusy = false;
		}
	}
	return button;
}

function actsOf(key, heading, done, trouble) {
	const button = (name, word, act) => actButton(key, trouble, name, word,
		() => act(key, done));

	return make("div", { class: "key-acts" },
		button("relabel", "Relabel", () => relabel(key, heading, done)),
		key.enabled ? button("toggle", "Disable", disable)
			: button("toggle", "Enable", enable),
		key.enabled ? button("rotate", "Rotate", rotate) : null,
		button("revoke", "Revoke", revoke));
}

// done(sentence): the list is to be read anew.
export function keyRow(key, done) {
	const trouble = troublePlace();
	const heading = headingOf(key);

	return make("li", { class: "key", id: `key-${key.id}` },
		heading,
		make("code", {}, shortOf(key)),
		facts(key),
		hasEnded(key) ? null : actsOf(key, heading, done, trouble),
		trouble.element);
}
