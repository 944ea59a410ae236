// export: the keys of a pattern as a file of lines. What came is counted, and the
// last line says whether that is all: one that was cut off is not taken for whole.

import { mode } from "../api.js";
import { openDialog } from "../dialog.js";
import { make } from "../dom.js";
import { bytes, count, counted } from "../format.js";
import { troublePlace } from "../trouble.js";
import * as kv from "./kv.js";
import { Collector } from "./lines.js";

function fileName(pattern) {
	const about = pattern.replace(/[^\w-]+/g, "-").replace(/^-|-$/g, "");
	const day = new Date().toISOString().slice(0, 10);

	return ["io7", mode(), about, day].filter(Boolean).join("-") + ".ndjson";
}

function saveAs(blob, name) {
	const href = URL.createObjectURL(blob);

	make("a", { href, download: name }).click();
	setTimeout(() => URL.revokeObjectURL(href), 60_000);
}

// What its last line makes of it: an error of the API, or null where it is whole.
function judge(collector) {
	const { last } = collector;

	if (last.startsWith('{"end":true') && last.endsWith("\n"))
		return null;
	if (last.startsWith('{"error"'))
		return new Error(JSON.parse(last).error.message);
	return new Error("The export was cut off before its end.");
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
		return { collector, fault: judge(collector) };
	} catch (error) {
		return { collector, fault: error.status === undefined
			? judge(collector) : error };
	}
}

export function openExport(pattern) {
	const controller = new AbortController();
	const trouble = troublePlace("export-trouble");
	const bar = make("progress", { "aria-label": "Keys that have come" });
	const words = make("p", { id: "export-said", role: "status" },
		"Counting…");
	const answers = make("p", { class: "answers" });
	const dialog = openDialog(pattern === "*" ? `Export all ${mode()} data`
		: `Export ${pattern}`, bar, words, trouble.element, answers);
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

	function whole(collector) {
		const blob = collector.blob(false);

		bar.max = bar.value = 1;
		words.textContent = `${counted(collector.count, "key")},`
			+ ` ${bytes(blob.size)}: all of it, saved.`;
		saveAs(blob, fileName(pattern));
		finish();
	}

	function part(collector, fault) {
		const blob = collector.blob(!collector.last.startsWith('{"error"'));

		words.textContent = `${count(collector.count)}`
			+ `${total ? ` of ${count(total)}` : ""} keys came. Nothing is`
			+ " saved.";
		const again = button("export-again", "Try again", () => {
			dialog.close();
			openExport(pattern);
		}, true);

		trouble.show(fault, again);
		finish(again, ...collector.count ? [button("export-part",
			"Save what came", () => saveAs(blob,
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
			part(collector, fault);
		else
			whole(collector);
	}

	run();
}
