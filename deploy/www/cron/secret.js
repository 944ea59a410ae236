// secret: the secret that signs the requests of http commands, and its rotation.

import { mode } from "../api.js";
import { secondsUntil } from "../clock.js";
import { copyButton } from "../copy.js";
import { openDialog } from "../dialog.js";
import { make } from "../dom.js";
import { errorBox } from "../errorbox.js";
import { moment } from "../format.js";
import { ask } from "../shell.js";

const graces = [[0, "none, it ends at once"], [3600, "1 hour"], [86400, "1 day"],
	[604800, "1 week"]];

const example = `import { Webhook } from "standardwebhooks";

const webhook = new Webhook(process.env.WEBHOOK_SECRET);
// Throws if the signature is wrong.
const body = webhook.verify(text, headers);`;

function secretView({ secret, created_at: created, previous_until: until }) {
	const isRotated = until && secondsUntil(until) > 0;

	return [make("div", { class: "secret" },
		make("code", { id: "secret-text", tabindex: 0 }, secret),
		copyButton(secret, "Copy secret")),
	make("p", { class: "soft", id: "secret-age" }, `Created ${moment(created)}.`,
		isRotated ? ` The previous secret signs each request, too, until ${
			moment(until)}.` : "")];
}

export function openSecret() {
	const trouble = errorBox("secret-trouble");
	const view = make("div", { class: "secrets", "aria-busy": "true" });
	const status = make("p", { role: "status", id: "secret-status" });
	const grace = make("select", { id: "grace" }, ...graces.map(([value, words]) =>
		make("option", { value, selected: value === 86400 }, words)));
	const rotate = make("button", { id: "rotate", class: "quiet" }, "Rotate secret");
	const form = make("form", { class: "line", onsubmit: send, hidden: true },
		make("div", { class: "field" },
			make("label", { for: "grace" }, "Grace period of the current secret"),
			grace), rotate);
	const dialog = openDialog(`Webhook secret for ${mode()} data`,
		make("p", {}, "Requests of http commands are signed as Standard Webhooks"
			+ " define. Verify the signature, so that nobody else can call your"
			+ " program:"),
		make("figure", { class: "command" },
			make("figcaption", {}, make("span", {}, "JavaScript"),
				copyButton(example, "Copy code")),
			make("pre", { tabindex: 0 }, make("code", {}, example))),
		view, form, status, trouble.element,
		make("p", { class: "answers" }, make("button", { type: "button",
			class: "quiet", onclick: () => dialog.close() }, "Close")));

	function show(answer) {
		view.replaceChildren(...secretView(answer));
		form.hidden = false;
	}

	async function run(request, words) {
		trouble.clear();
		rotate.disabled = true;
		try {
			show(await request());
			status.textContent = words;
		} catch (error) {
			trouble.show(error, rotate);
		}
		view.setAttribute("aria-busy", "false");
		rotate.disabled = false;
	}

	function send(event) {
		event.preventDefault();
		run(() => ask("POST", "/api/cron/secret/rotate",
			{ body: { grace_s: Number(grace.value) } }), "The secret was replaced.");
	}

	run(() => ask("GET", "/api/cron/secret"), "");
}
