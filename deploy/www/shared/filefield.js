// filefield: a file field that also takes a dropped file: the invisible input covers the
// box.

import { make } from "./dom.js";
import { bytes } from "./format.js";

// label: the accessible name; accept: the file names that the browser offers; onFile
// gets the chosen file. Returns the element to place, and the input.
export function fileField({ label, accept, onFile }) {
	const prompt = "Choose a file or drop it here";
	const name = make("span", { id: "import-file-name" }, prompt);
	const input = make("input", { type: "file", id: "import-file", accept,
		required: true, "aria-label": label, onchange: choose,
		ondragenter: () => { element.dataset.over = "true"; },
		ondragleave: leave, ondrop: leave });
	const element = make("div", { class: "drop" }, input, name);

	function leave() {
		delete element.dataset.over;
	}

	function choose() {
		const [file] = input.files;

		name.textContent = file ? `${file.name}, ${bytes(file.size)}`
			: prompt;
		onFile(file);
	}

	return { element, input };
}
