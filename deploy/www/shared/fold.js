// fold: a table of contents that is closed on a narrow screen and open on a wide
// one.

export function foldOnNarrow(contents) {
	const wide = matchMedia("(min-width: 60rem)");
	const fold = () => { contents.open = wide.matches; };

	contents.addEventListener("click", ({ target }) => {
		if (target.closest("a") && !wide.matches)
			contents.open = false;
	});
	wide.addEventListener("change", fold);
	fold();
}
