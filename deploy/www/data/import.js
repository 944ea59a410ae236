// import: a file of lines into the store. It is sent as it is; which line is wrong
// the API says, and here it is shown, and gone on from.

import { mode } from "../api.js";
import { openDialog } from "../dialog.js";
import { make } from "../dom.js";
import { bytes, count, counted } from "../format.js";
import { orLogin } from "../shell.js";
import { troublePlace } from "../trouble.js";
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

// The file to take, chosen or dropped: the field, which cannot be seen, lies over
// all of it.
function fileField(onFile) {
	const invitation = "Choose a file, or drop it here";
	const said = make("span", { id: "import-file-said" }, invitation);
	const input = make("input", { type: "file", id: "import-file",
		accept: ".ndjson,.jsonl,.json,.txt", required: true,
		"aria-label": "File of lines", onchange: take,
		ondragenter: () => { element.dataset.over = "true"; },
		ondragleave: out, ondrop: out });
	const element = make("div", { class: "drop" }, input, said);

	function out() {
		delete element.dataset.over;
	}

	function take() {
		const [file] = input.files;

		said.textContent = file ? `${file.name}, ${bytes(file.size)}`
			: invitation;
		onFile(file);
	}

	return { element, input };
}

// What the answer says, in a sentence.
function summary({ lines, imported, skipped, expired }) {
	const words = [`${counted(lines, "line")}: ${count(imported)} stored`];

	if (skipped)
		words.push(`${count(skipped)} were there and stay`);
	if (expired)
		words.push(`${count(expired)} had expired`);
	return `${words.join(", ")}.`;
}

// The line that an error is about; null: it is about none.
function lineNumber(error) {
	return Number(/^line (\d+)$/.exec(error.details?.field)?.[1]) || null;
}

// onDone: something may have been stored.
export function openImport(onDone) {
	const trouble = troublePlace("import-trouble");
	const bar = make("progress", { "aria-label": "Sent", hidden: true });
	const words = make("p", { id: "import-said", role: "status" });
	const wrong = make("div", { id: "wrong-line" });
	const answers = make("p", { class: "answers" });
	const field = fileField((file) => {
		trouble.clear();
		wrong.replaceChildren();
		if (file?.size > mostBytes)
			trouble.show(new Error(`The file has ${bytes(file.size)}: an`
				+ " import takes 64 MiB at most. Split it, as with split -C"
				+ " 64M."));
	});
	const modes = make("fieldset", { class: "choices-of-import" },
		make("legend", {}, "A key that is there already"),
		choice("overwrite", "is overwritten", true),
		choice("skip", "stays as it is", false));
	const form = make("form", { id: "import-form", onsubmit: start },
		field.element, modes, make("p", { class: "soft" }, "A line of JSON for"
			+ " each key, as an export gives them, in 64 MiB at most: ",
		make("code", {}, '{"key": "user:42", "value": {"name": "Ada"}}'),
		"; expires_at or ttl may be given, too."));
	const dialog = openDialog(`Import into ${mode()} data`, form, bar, words,
		trouble.element, wrong, answers);

	// What is left to be sent, and how many lines of the file were before it.
	let rest = null, before = 0, controller = null;

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
			: "All is sent, and is being stored…";
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

	// The line as the file has it, and the ways on.
	async function showLine(error, number) {
		const line = await lineOf(rest, number);
		const isBad = error.status === 400 || error.status === 413;
		const from = isBad ? line.next : line.start;
		const at = before + number;

		wrong.replaceChildren(make("p", {}, `Line ${count(at)}:`),
			make("pre", { tabindex: 0, "aria-label": `Line ${at}` },
				line.text || "(empty)"));
		idle(from < rest.size ? button("import-on", isBad
			? "Leave it out and go on" : `Go on from line ${count(at)}`,
		() => {
			before = isBad ? at : at - 1;
			rest = rest.slice(from);
			send();
		}, true) : null);
	}

	async function failed(error) {
		const number = lineNumber(error);

		words.textContent = "";
		if (error.name === "AbortError") {
			words.textContent = "Cancelled. What was being stored may have"
				+ " been stored in part.";
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
			done(await orLogin(() => upload(`/api/kv/import?mode=${how}`,
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
