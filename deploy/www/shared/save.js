// save: stores a blob as a file of the user.

import { make } from "./dom.js";

export function saveAs(blob, name) {
	const href = URL.createObjectURL(blob);

	make("a", { href, download: name }).click();
	setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
