// import: stores a file of lines. It is sent unchanged. If the API rejects a line, the
// page shows that line, and the user can continue after it.

import { mode } from "../api.js";
import { openDialog } from "../dialog.js";
import { make } from "../dom.js";
import { bytes, count, counted } from "../format.js";
import { withLogin } from "../shell.js";
import { errorBox } from "../errorbox.js";
import { fileField } from "../filefield.js";
import { upload } from "../upload.js";
import { lineOf } from "./lines.js";

const mostBytes = 64 << 20;

function button(id, words, act, isQuiet = false) {
	return make("button", { type: "button", id, onclick: act,
		class: isQuiet ? "quiet" : null }, words);
}

function choice(value, words, checked) {
	return make("label", { class: "choice" }, make("input", { type: "radio",
		name: "import-mode", value, checked }), ` ${words}`);
}

// The answer as a sentence.
function summary({ lines, imported, skipped, expired }) {
	const words = [`${counted(lines, "line")}: ${count(imported)} stored`];

	if (skipped)
		words.push(`${count(skipped)} skipped`);
	if (expired)
		words.push(`${count(expired)} expired`);
	return `${words.join(", ")}.`;
}

// The number of the line that an error is about, or null.
function lineNumber(error) {
	return Number(/^line (\d+)$/.exec(error.details?.field)?.[1]) || null;
}

// onDone is called when something may have been stored.
export function openImport(onDone) {
	const trouble = errorBox("import-trouble");
	const bar = make("progress", { "aria-label": "Sent", hidden: true });
	const words = make("p", { id: "import-status", role: "status" });
	const wrong = make("div", { id: "wrong-line" });
	const answers = make("p", { class: "answers" });
	const field = fileField({ label: "File of lines",
		accept: ".ndjson,.jsonl,.json,.txt", onFile: (file) => {
			trouble.clear();
			wrong.replaceChildren();
			if (file?.size > mostBytes)
				trouble.show(new Error(`The file has ${bytes(file.size)}.`
					+ " An import can have up to 64 MiB. Split the"
					+ " file, for example with split -C 64M."));
		} });
	const modes = make("fieldset", { class: "choices-of-import" },
		make("legend", {}, "If the key exists"),
		choice("overwrite", "Overwrite it", true),
		choice("skip", "Skip it", false));
	const form = make("form", { id: "import-form", onsubmit: start },
		field.element, modes, make("p", { class: "soft" }, "One JSON object per"
			+ " line, as in an export, up to 64 MiB: ",
		make("code", {}, '{"key": "user:42", "value": {"name": "Ada"}}'),
		". The members expires_at and ttl are optional."));
	const dialog = openDialog(`Import into ${mode()} data`, form, bar, words,
		trouble.element, wrong, answers);

	// The part of the file that is left to send, and the number of lines before it.
	let rest = null, before = 0, controller = null;

	// Shows the form again; more: additional buttons.
	function idle(...more) {
		dialog.hold(false);
		bar.hidden = true;
		form.hidden = false;
		answers.replaceChildren(
			button("import-close", "Close", () => dialog.close(), true),
			...more, make("button", { id: "import-start",
				form: "import-form" }, "Import"));
	}

	function progress(sent) {
		bar.value = sent;
		words.textContent = sent < rest.size
			? `${bytes(sent)} of ${bytes(rest.size)} sent`
			: "Sent. Storing…";
		if (sent >= rest.size)
			bar.removeAttribute("value");
	}

	function done(answer) {
		dialog.hold(false);
		bar.hidden = true;
		words.textContent = summary(answer);
		answers.replaceChildren(button("import-close", "Close",
			() => dialog.close()));
		answers.lastChild.focus();
	}

	// Shows the rejected line and offers to continue.
	async function showLine(error, number) {
		const line = await lineOf(rest, number);
		const isBad = error.status === 400 || error.status === 413;
		const from = isBad ? line.next : line.start;
		const at = before + number;

		wrong.replaceChildren(make("p", {}, `Line ${count(at)}:`),
			make("pre", { tabindex: 0, "aria-label": `Line ${at}` },
				line.text || "(empty)"));
		if (from >= rest.size)
			return;
		idle(button("import-continue", isBad ? "Skip line and continue"
			: `Continue from line ${count(at)}`, () => {
			before = isBad ? at : at - 1;
			rest = rest.slice(from);
			send();
		}, true));
	}

	async function failed(error) {
		const number = lineNumber(error);

		words.textContent = "";
		if (error.name === "AbortError") {
			words.textContent = "Cancelled. Some lines may have been"
				+ " stored.";
			idle();
			return;
		}
		trouble.show(number && before ? Object.assign(error, { details: {
			...error.details, field: `line ${before + number}` } }) : error);
		idle();
		if (number)
			await showLine(error, number);
	}

	async function send() {
		const how = form.querySelector("input:checked").value;

		controller = new AbortController();
		dialog.hold(true);
		trouble.clear();
		wrong.replaceChildren();
		form.hidden = true;
		bar.hidden = false;
		bar.max = rest.size;
		progress(0);
		answers.replaceChildren(button("import-cancel", "Cancel",
			() => controller.abort(), true));
		answers.lastChild.focus();
		try {
			done(await withLogin(() => upload(`/api/kv/import?mode=${how}`,
				rest, { type: "application/x-ndjson", onProgress: progress,
					signal: controller.signal })));
		} catch (error) {
			await failed(error);
		}
		onDone();
	}

	function start(event) {
		const [file] = field.input.files;

		event.preventDefault();
		if (file.size > mostBytes)
			return;
		rest = file;
		before = 0;
		send();
	}

	idle();
}
