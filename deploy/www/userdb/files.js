// files: exports the database as an SQLite file, and replaces it by one.

import { mode, respond } from "../api.js";
import { openDialog } from "../dialog.js";
import { make } from "../dom.js";
import { bytes } from "../format.js";
import { errorBox } from "../errorbox.js";
import { fileField } from "../filefield.js";
import { saveAs } from "../save.js";
import { withLogin } from "../shell.js";
import { upload } from "../upload.js";

const type = "application/vnd.sqlite3";

function button(id, words, act, isQuiet = false) {
	return make("button", { type: "button", id, onclick: act,
		class: isQuiet ? "quiet" : null }, words);
}

// --- Export -------------------------------------------------------------------

function fileName() {
	return `io7-${mode()}-${new Date().toISOString().slice(0, 10)}.db`;
}

// Reads a body to its end. onBytes gets the number of bytes so far.
async function collect(body, onBytes) {
	const reader = body.getReader();
	const parts = [];
	let size = 0;

	for (;;) {
		const { done, value } = await reader.read();

		if (done)
			return new Blob(parts, { type });
		parts.push(value);
		size += value.length;
		onBytes(size);
	}
}

// size: the last known size of the database, for the progress bar.
export function openExport({ size }) {
	const controller = new AbortController();
	const { signal } = controller;
	const trouble = errorBox("export-trouble");
	const bar = make("progress", { "aria-label": "Received", max: Math.max(size, 1) });
	const words = make("p", { id: "export-status", role: "status" }, "Copying…");
	const answers = make("p", { class: "answers" });
	const dialog = openDialog(`Export the ${mode()} database`, bar, words,
		trouble.element, answers);

	function finish(...buttons) {
		dialog.hold(false);
		answers.replaceChildren(...buttons,
			button("export-close", "Close", () => dialog.close()));
		answers.lastChild.focus();
	}

	function progress(received) {
		bar.value = received;
		words.textContent = `${bytes(received)} received`;
	}

	async function run() {
		dialog.hold(true);
		trouble.clear();
		answers.replaceChildren(button("export-cancel", "Cancel",
			() => controller.abort(), true));
		try {
			const { headers, body } = await withLogin(() =>
				respond("GET", "/api/database/export", { signal }));
			const length = Number(headers.get("Content-Length"));

			if (length)
				bar.max = length;
			const blob = await collect(body, progress);

			if (length && blob.size !== length)
				throw new Error("The export is incomplete: the connection"
					+ " was lost.");
			bar.value = bar.max;
			words.textContent = `${bytes(blob.size)} exported.`;
			saveAs(blob, fileName());
			finish();
		} catch (error) {
			if (signal.aborted) {
				dialog.close();
				return;
			}
			words.textContent = "No file was saved.";
			trouble.show(error);
			finish();
		}
	}

	run();
}

// --- Import -------------------------------------------------------------------

// onDone is called after the database was replaced.
export function openImport({ size }, onDone) {
	const trouble = errorBox("import-trouble");
	const bar = make("progress", { "aria-label": "Sent", hidden: true });
	const words = make("p", { id: "import-status", role: "status" });
	const answers = make("p", { class: "answers" });
	const field = fileField({ label: "SQLite file", accept: ".db,.sqlite,.sqlite3",
		onFile: () => trouble.clear() });
	const form = make("form", { id: "import-form", onsubmit: start },
		make("p", { class: "warning high" }, "The file replaces all tables of your"
			+ ` ${mode()} database, ${bytes(size)}. Export it first if you`
			+ " want to keep them."),
		field.element);
	const dialog = openDialog(`Import into the ${mode()} database`, form, bar, words,
		trouble.element, answers);

	function idle() {
		dialog.hold(false);
		bar.hidden = true;
		form.hidden = false;
		answers.replaceChildren(
			button("import-close", "Close", () => dialog.close(), true),
			make("button", { id: "import-start", form: "import-form",
				class: "danger" }, "Replace database"));
	}

	function progress(sent, of) {
		bar.value = sent;
		words.textContent = sent < of ? `${bytes(sent)} of ${bytes(of)} sent`
			: "Sent. Checking the file…";
		if (sent >= of)
			bar.removeAttribute("value");
	}

	async function start(event) {
		const [file] = field.input.files;
		const controller = new AbortController();

		event.preventDefault();
		dialog.hold(true);
		trouble.clear();
		form.hidden = true;
		bar.hidden = false;
		bar.max = Math.max(file.size, 1);
		progress(0, file.size);
		answers.replaceChildren(button("import-cancel", "Cancel",
			() => controller.abort(), true));
		answers.lastChild.focus();
		try {
			await withLogin(() => upload("/api/database/import", file, { type,
				signal: controller.signal,
				onProgress: (sent) => progress(sent, file.size) }));
			dialog.close();
			onDone();
		} catch (error) {
			words.textContent = error.name === "AbortError" ? "Cancelled." : "";
			idle();
			if (error.name !== "AbortError")
				trouble.show(error);
		}
	}

	idle();
}
