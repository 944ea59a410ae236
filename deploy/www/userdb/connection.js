// connection: the address of the database, code that connects to it, and tokens. The
// token comes from an environment variable and is never part of the code.

import { copyButton } from "../copy.js";
import { openDialog } from "../dialog.js";
import { make } from "../dom.js";
import { errorBox } from "../errorbox.js";
import { mode } from "../api.js";
import { showSecret } from "../secret.js";
import { ask } from "../shell.js";
import { languages } from "./snippets.js";

// --- Tokens -------------------------------------------------------------------

function choice(value, words, checked) {
	return make("label", { class: "choice" }, make("input", { type: "radio",
		name: "access", value, checked }), make("span", {}, words));
}

// The environment of a program that connects.
function environment({ url }, token) {
	return `export DATABASE_URL=${url}\nexport DATABASE_TOKEN=${token}`;
}

function openToken(database) {
	const trouble = errorBox("token-trouble");
	const create = make("button", { id: "token-create" }, "Create token");
	const form = make("form", { id: "token-form", onsubmit: send },
		make("fieldset", { class: "scopes" },
			make("legend", {}, "Permissions"),
			choice("write", "Read and write", true),
			choice("read", "Read only", false)),
		make("p", { class: "soft" }, "The token is an API key for this"
			+ ` ${mode()} database and nothing else. To change or revoke it,`
			+ " open the page API keys."),
		trouble.element,
		make("p", { class: "answers" },
			make("button", { type: "button", class: "quiet",
				onclick: () => dialog.close() }, "Cancel"), create));
	const dialog = openDialog("Create token", form);

	async function send(event) {
		const isReader = form.elements.access.value === "read";

		event.preventDefault();
		create.disabled = true;
		trouble.clear();
		try {
			const made = await ask("POST", "/api/database/token",
				{ body: { read_only: isReader } });

			showSecret(dialog, { noun: "token", text: made.key,
				title: "Environment variables",
				command: environment(database, made.key) });
		} catch (error) {
			create.disabled = false;
			trouble.show(error, create);
		}
	}
}

// --- Code ---------------------------------------------------------------------

function snippets({ url }) {
	const code = make("code", {});
	const group = make("fieldset", { class: "views" },
		make("legend", { class: "unseen" }, "Language"),
		...Object.keys(languages).map((name, n) => make("label", {},
			make("input", { type: "radio", name: "language", value: name,
				checked: n === 0, onchange: () => show(name) }),
			make("span", {}, name))));

	function show(name) {
		code.textContent = languages[name](url);
	}

	show(Object.keys(languages)[0]);
	return make("div", { class: "view" }, group,
		make("figure", { class: "command", id: "snippet" },
			make("figcaption", {}, make("span", {}, "Connect"),
				copyButton(() => code.textContent, "Copy code")),
			make("pre", { tabindex: 0 }, code)));
}

export function connectionPanel(database) {
	return make("section", { class: "panel", id: "connection",
		"aria-labelledby": "connection-title" },
	make("div", { class: "beside" },
		make("h2", { id: "connection-title" }, "Connection"),
		make("button", { type: "button", id: "create-token",
			onclick: () => openToken(database) }, "Create token")),
	make("div", { class: "secret address" },
		make("code", { id: "url", tabindex: 0 }, database.url),
		copyButton(database.url, "Copy URL")),
	snippets(database));
}
