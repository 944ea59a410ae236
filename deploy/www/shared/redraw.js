// redraw: replaces the content of a page. The focus stays where it was, or moves to the
// title if its element is gone.

import { find } from "./dom.js";

export function redraw(...children) {
	const focused = document.activeElement;
	const wasInside = find("content").contains(focused);

	find("content").replaceChildren(...children.filter(Boolean));
	find("content").setAttribute("aria-busy", "false");
	if (wasInside)
		(find(focused.id) ?? find("title")).focus();
}
