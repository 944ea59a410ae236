// actions: what the user can do with keys. Each action asks for its input in a
// dialog, and then calls done(sentence), which reloads the list.

import { mode, usesKeys } from "../api.js";
import { now } from "../clock.js";
import { confirm } from "../dialog.js";
import { make } from "../dom.js";
import { openForm } from "../form.js";
import { moment, relative } from "../format.js";
import { showSecret } from "../secret.js";
import { ask } from "../shell.js";
import { expiryField, graceField, labelField, modeField, scopesField }
	from "./fields.js";
import { ownWarning, quoted, shortOf } from "./key.js";

const pathOf = (key) => `/api/keys/${key.id}`;

export function change(key, body) {
	return ask("PATCH", pathOf(key), { body });
}

// Paragraphs of a dialog: which key it is about, and a warning if there is one.
function about(key, sentence, warning) {
	const lines = [make("p", {}, make("code", {}, shortOf(key)),
		` ${sentence}`)];

	if (warning)
		lines.push(make("p", { class: "warning high" }, warning));
	return lines;
}

// A command for this site that the key has the permission to run.
function commandOf({ key, scopes }) {
	const start = `curl -H "Authorization: Bearer ${key}"`;

	if (scopes.includes("read"))
		return `${start} ${location.origin}/api/me`;
	return scopes.includes("write")
		? `${start} -X PUT -d '"world"' ${location.origin}/kv/hello`
		: `${start} "${location.origin}/api/keys?limit=1"`;
}

// Shows the secret of a new key, removes it from the API's answer, and calls then()
// when the dialog is closed.
function showSecretThen(dialog, made, note, then) {
	dialog.element.addEventListener("close", () => {
		if (!dialog.element.open)
			then();
	});
	showSecret(dialog, { noun: "key", text: made.key, title: "Try it",
		command: commandOf(made) }, note);
	delete made.key;
}

// --- Create -------------------------------------------------------------------

export function create(done) {
	const isKey = usesKeys();
	const note = isKey ? `A ${mode()} key can create ${mode()} keys only.` : null;

	openForm({
		title: "Create key",
		fields: [labelField("label"), modeField(mode(), !isKey, note),
			scopesField(["read", "write"]), expiryField()],
		action: "Create key",
		send: ({ expires_at, ...body }) => ask("POST", "/api/keys",
			{ body: expires_at ? { ...body, expires_at } : body }),
		done: (made, dialog) => showSecretThen(dialog, made, null, () =>
			done(made.mode === mode() ? `Created ${quoted(made)}.`
				: `Created ${quoted(made)}. Switch to ${made.mode}`
					+ " data to see it.")),
	});
}

// --- Rotate -------------------------------------------------------------------

function afterRotation(key, grace) {
	const until = new Date(now() + grace * 1000);
	const ends = key.expires_at && new Date(key.expires_at) < until
		? new Date(key.expires_at) : until;

	return grace === 0
		? `The old key, ${shortOf(key)}, no longer works.`
		: `The old key, ${shortOf(key)}, works until ${moment(ends)}.`;
}

export function rotate(key, done) {
	let grace = 0;

	openForm({
		title: `Rotate ${quoted(key)}`,
		about: about(key, "is replaced by a new key with the same label, mode,"
			+ " permissions and expiry. Both work during the grace period.",
		ownWarning(key, "When it expires, sign in with the new key.")),
		fields: [graceField()],
		action: "Rotate key",
		send: (body) => {
			grace = body.grace_s;
			return ask("POST", `${pathOf(key)}/rotate`, { body });
		},
		done: (made, dialog) => {
			const note = afterRotation(key, grace);

			showSecretThen(dialog, made,
				make("p", { id: "old-key" }, note),
				() => done(`Rotated ${quoted(key)}. ${note}`));
		},
	});
}

// --- Change -------------------------------------------------------------------

export function setExpiry(key, done) {
	openForm({
		title: `Set expiry for ${quoted(key)}`,
		about: about(key, "never expires. An expired key is rejected."),
		fields: [expiryField({ canBeNever: false })],
		action: "Set expiry",
		send: (body) => change(key, body),
		done: (changed, dialog) => {
			dialog.close();
			done(`${quoted(key)} expires ${relative(changed.expires_at)}.`);
		},
	});
}

export function reducePermissions(key, done) {
	openForm({
		title: `Reduce permissions of ${quoted(key)}`,
		about: about(key, "has full access. Programs that use it lose the"
			+ " permissions that you remove, at once.", ownWarning(key,
			"Without admin it can no longer open this page.")),
		fields: [scopesField(["read", "write"])],
		action: "Reduce permissions",
		send: (body) => change(key, body),
		done: (changed, dialog) => {
			dialog.close();
			done(`Permissions of ${quoted(key)}: ${
				changed.scopes.join(", ")}.`);
		},
	});
}

// Only the tab's own key needs a confirmation: the user cannot enable it again here.
export async function disable(key, done) {
	const sentence = `Disabled ${quoted(key)}.`;
	const warning = ownWarning(key,
		"To enable it again, sign in with GitHub or another key.");

	if (!warning) {
		await change(key, { enabled: false });
		done(sentence);
	} else if (await confirm({ title: `Disable ${quoted(key)}?`,
		text: about(key, "is rejected until you enable it again.", warning),
		action: "Disable key", danger: true,
		act: () => change(key, { enabled: false }) })) {
		done(sentence);
	}
}

export async function enable(key, done) {
	await change(key, { enabled: true });
	done(`Enabled ${quoted(key)}.`);
}

export async function revoke(key, done) {
	const use = key.last_used_at
		? `It was last used ${relative(key.last_used_at)}.`
		: "It was never used.";

	if (await confirm({ title: `Revoke ${quoted(key)}?`,
		text: about(key, `is rejected at once. You cannot undo this. ${
			use}`, ownWarning(key, "Revoking it signs you out.")),
		action: "Revoke key", danger: true,
		act: () => ask("DELETE", pathOf(key)) }))
		done(`Revoked ${quoted(key)}.`);
}
