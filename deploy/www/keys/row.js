// row: a key in the list, with its actions.

import { actionButton } from "../action.js";
import { find, make } from "../dom.js";
import { moment, relative } from "../format.js";
import { errorBox } from "../errorbox.js";
import { sentenceOf } from "../field.js";
import { change, disable, enable, revoke, rotate } from "./actions.js";
import { labelField } from "./fields.js";
import { hasEnded, isOwn, quoted, shortOf, stateOf, stateWords }
	from "./key.js";

// --- Facts --------------------------------------------------------------------

function when(name, time, otherwise) {
	return make("div", {}, make("dt", {}, name), make("dd", {}, time
		? make("time", { datetime: time, title: moment(time) },
			relative(time))
		: otherwise));
}

function facts(key) {
	return make("dl", { class: "key-facts" },
		make("div", {}, make("dt", {}, "Permissions"),
			make("dd", {}, key.scopes.join(", "))),
		when("Created", key.created_at),
		when("Last used", key.last_used_at, "never"),
		key.revoked_at ? when("Revoked", key.revoked_at)
			: when(hasEnded(key) ? "Expired" : "Expires",
				key.expires_at, "never"));
}

// --- Label --------------------------------------------------------------------

// Shows a form in place of the heading until it is saved or cancelled.
function relabel(key, heading, done) {
	const field = labelField(`label-${key.id}`, key.label);
	const trouble = errorBox();
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
		field.showProblem(null);
		trouble.clear();
		save.disabled = true;
		try {
			const { label } = await change(key, { label: field.read() });

			leave();
			done(`Renamed the key to ${quoted({ label })}.`);
		} catch (error) {
			save.disabled = false;
			refuse(error);
		}
	}

	function refuse(error) {
		if (error.details?.field === "label")
			field.showProblem(sentenceOf(error.details.problem));
		else if (error.status === undefined)
			field.showProblem(error.message);
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

// --- Actions ------------------------------------------------------------------

function actionsOf(key, heading, done, trouble) {
	const button = (name, word, act) => actionButton({ name, id: key.id, word,
		label: `${word} ${quoted(key)}`, trouble,
		act: () => act(key, done) });

	return make("div", { class: "key-acts" },
		button("relabel", "Rename", () => relabel(key, heading, done)),
		key.enabled ? button("toggle", "Disable", disable)
			: button("toggle", "Enable", enable),
		key.enabled ? button("rotate", "Rotate", rotate) : null,
		button("revoke", "Revoke", revoke));
}

// done(sentence) reloads the list and shows the sentence.
export function keyRow(key, done) {
	const trouble = errorBox();
	const heading = headingOf(key);

	return make("li", { class: "key", id: `key-${key.id}` },
		heading,
		make("code", {}, shortOf(key)),
		facts(key),
		hasEnded(key) ? null : actionsOf(key, heading, done, trouble),
		trouble.element);
}
