// export: downloads the keys of a pattern as a file of lines. The last line of the
// answer says whether it is complete, so that a truncated one is detected.

import { mode } from "../api.js";
import { openDialog } from "../dialog.js";
import { make } from "../dom.js";
import { bytes, count, counted } from "../format.js";
import { errorBox } from "../errorbox.js";
import { saveAs } from "../save.js";
import * as kv from "./kv.js";
import { Collector } from "./lines.js";

function fileName(pattern) {
	const name = pattern.replace(/[^\w-]+/g, "-").replace(/^-|-$/g, "");
	const day = new Date().toISOString().slice(0, 10);

	return ["io7", mode(), name, day].filter(Boolean).join("-") + ".ndjson";
}

// The error that the last line reports, or null if the export is complete.
function errorOf(collector) {
	const { last } = collector;

	if (last.startsWith('{"end":true') && last.endsWith("\n"))
		return null;
	if (last.startsWith('{"error"'))
		return new Error(JSON.parse(last).error.message);
	return new Error("The export is incomplete: the connection was lost.");
}

async function collect(pattern, signal, onLines) {
	const collector = new Collector();
	let size = 0;

	try {
		const { body } = await kv.exportKeys(pattern, signal);
		const reader = body.getReader();

		for (;;) {
			const { done, value } = await reader.read();

			if (done)
				break;
			collector.take(value);
			size += value.length;
			onLines(collector.count, size);
		}
		return { collector, fault: errorOf(collector) };
	} catch (error) {
		return { collector, fault: error.status === undefined
			? errorOf(collector) : error };
	}
}

export function openExport(pattern) {
	const controller = new AbortController();
	const trouble = errorBox("export-trouble");
	const bar = make("progress", { "aria-label": "Keys received" });
	const words = make("p", { id: "export-status", role: "status" },
		"Counting…");
	const answers = make("p", { class: "answers" });
	const dialog = openDialog(pattern === "*" ? `Export all ${mode()} data`
		: `Export keys that match ${pattern}`, bar, words, trouble.element, answers);
	let total = null;

	function button(id, text, act, isQuiet = false) {
		return make("button", { type: "button", id, onclick: act,
			class: isQuiet ? "quiet" : null }, text);
	}

	function progress(lines, size) {
		if (total)
			bar.value = Math.min(lines, total);
		words.textContent = `${count(lines)}${total ? ` of ${count(total)}`
			: ""} keys, ${bytes(size)}`;
	}

	function finish(...buttons) {
		dialog.hold(false);
		answers.replaceChildren(...buttons,
			button("export-close", "Close", () => dialog.close()));
		answers.lastChild.focus();
	}

	function finishWhole(collector) {
		const blob = collector.blob(false);

		bar.max = bar.value = 1;
		words.textContent = `${counted(collector.count, "key")},`
			+ ` ${bytes(blob.size)} exported.`;
		saveAs(blob, fileName(pattern));
		finish();
	}

	function finishPart(collector, fault) {
		const blob = collector.blob(!collector.last.startsWith('{"error"'));

		words.textContent = `${count(collector.count)}`
			+ `${total ? ` of ${count(total)}` : ""} keys received. No file was`
			+ " saved.";
		const again = button("export-again", "Try again", () => {
			dialog.close();
			openExport(pattern);
		}, true);

		trouble.show(fault, again);
		finish(again, ...collector.count ? [button("export-part",
			"Save partial file", () => saveAs(blob,
				`part-of-${fileName(pattern)}`), true)] : []);
	}

	async function run() {
		dialog.hold(true);
		answers.replaceChildren(button("export-cancel", "Cancel",
			() => controller.abort(), true));
		total = await kv.countKeys(pattern, controller.signal)
			.catch(() => null);
		if (total)
			bar.max = total;
		const { collector, fault } = await collect(pattern,
			controller.signal, progress);

		if (controller.signal.aborted)
			dialog.close();
		else if (fault)
			finishPart(collector, fault);
		else
			finishWhole(collector);
	}

	run();
}
