// acts: what one may do with keys. Each asks in a dialog what it must know, and
// calls done(sentence) when it is done: the list is then read anew.

import { mode, usesKeys } from "../api.js";
import { now } from "../clock.js";
import { confirm } from "../dialog.js";
import { make } from "../dom.js";
import { moment, relative } from "../format.js";
import { ask } from "../shell.js";
import { endField, graceField, labelField, modeField, scopesField }
	from "./fields.js";
import { openForm } from "./form.js";
import { ownWarning, quoted, shortOf } from "./key.js";
import { showSecret } from "./secret.js";

const pathOf = (key) => `/api/keys/${key.id}`;

export function change(key, body) {
	return ask("PATCH", pathOf(key), { body });
}

// As paragraphs of a dialog: which key it is, and a warning where there is one.
function about(key, sentence, warning) {
	const lines = [make("p", {}, make("code", {}, shortOf(key)),
		` ${sentence}`)];

	if (warning)
		lines.push(make("p", { class: "warning high" }, warning));
	return lines;
}

// done, once the dialog with the secret is closed.
function showAndThen(dialog, made, note, then) {
	dialog.element.addEventListener("close", () => {
		if (!dialog.element.open)
			then();
	});
	showSecret(dialog, made, note);
}

// --- A new one ----------------------------------------------------------------

export function create(done) {
	const isKey = usesKeys();
	const note = isKey ? `A ${mode()} key makes ${mode()} keys.` : null;

	openForm({
		title: "Create a key",
		fields: [labelField("label"), modeField(mode(), !isKey, note),
			scopesField(["read", "write"]), endField()],
		action: "Create it",
		send: ({ expires_at, ...body }) => ask("POST", "/api/keys",
			{ body: expires_at ? { ...body, expires_at } : body }),
		done: (made, dialog) => showAndThen(dialog, made, null, () =>
			done(made.mode === mode() ? `${quoted(made)} works now.`
				: `${quoted(made)} works now. Switch to ${made.mode}`
					+ " to see it.")),
	});
}

// --- Another in place of it ---------------------------------------------------

function afterRotation(key, grace) {
	const until = new Date(now() + grace * 1000);
	const ends = key.expires_at && new Date(key.expires_at) < until
		? new Date(key.expires_at) : until;

	return grace === 0
		? `The old key, ${shortOf(key)}, works no more.`
		: `The old key, ${shortOf(key)}, works until ${moment(ends)}.`;
}

export function rotate(key, done) {
	let grace = 0;

	openForm({
		title: `Rotate ${quoted(key)}`,
		about: about(key, "gets a successor of the same label, mode, scopes"
			+ " and end. Both work until the time is over.",
		ownWarning(key, "Once it ends, sign in with the new one.")),
		fields: [graceField()],
		action: "Rotate it",
		send: (body) => {
			grace = body.grace_s;
			return ask("POST", `${pathOf(key)}/rotate`, { body });
		},
		done: (made, dialog) => {
			const note = afterRotation(key, grace);

			showAndThen(dialog, made,
				make("p", { id: "old-key" }, note),
				() => done(`${quoted(key)} is rotated. ${note}`));
		},
	});
}

// --- What is there, changed ---------------------------------------------------

export function giveEnd(key, done) {
	openForm({
		title: `When shall ${quoted(key)} end?`,
		about: about(key, "never expires. From its end on it is refused."),
		fields: [endField({ mustEnd: true })],
		action: "Give it this end",
		send: (body) => change(key, body),
		done: (changed, dialog) => {
			dialog.close();
			done(`${quoted(key)} ends ${relative(changed.expires_at)}.`);
		},
	});
}

export function limit(key, done) {
	openForm({
		title: `What may ${quoted(key)} do?`,
		about: about(key, "may do everything. What you take away it may not do"
			+ " from now on, wherever it is used.", ownWarning(key,
			"Without admin it does not show this page any more.")),
		fields: [scopesField(["read", "write"])],
		action: "Limit it to this",
		send: (body) => change(key, body),
		done: (changed, dialog) => {
			dialog.close();
			done(`${quoted(key)} may ${changed.scopes.join(", ")}.`);
		},
	});
}

// Turning off the key of this tab cannot be undone from here, so that is asked.
export async function disable(key, done) {
	const said = `${quoted(key)} is disabled.`;
	const warning = ownWarning(key,
		"To enable it again you must sign in another way.");

	if (!warning) {
		await change(key, { enabled: false });
		done(said);
	} else if (await confirm({ title: `Disable ${quoted(key)}?`,
		text: about(key, "is refused until somebody enables it.", warning),
		action: "Disable it", danger: true,
		act: () => change(key, { enabled: false }) })) {
		done(said);
	}
}

export async function enable(key, done) {
	await change(key, { enabled: true });
	done(`${quoted(key)} works again.`);
}

export async function revoke(key, done) {
	const use = key.last_used_at
		? `It was last used ${relative(key.last_used_at)}.`
		: "It was never used.";

	if (await confirm({ title: `Revoke ${quoted(key)}?`,
		text: about(key, `is refused from then on, everywhere and for good. ${
			use}`, ownWarning(key, "Revoking it signs the tab out.")),
		action: "Revoke it", danger: true,
		act: () => ask("DELETE", pathOf(key)) }))
		done(`${quoted(key)} is revoked.`);
}
