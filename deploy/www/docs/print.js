// On paper nothing can be unfolded, so all answers are.

export function watchPrinting() {
	let folded = [];

	addEventListener("beforeprint", () => {
		folded = [...document.querySelectorAll(".words details:not([open])")];
		for (const one of folded)
			one.open = true;
	});
	addEventListener("afterprint", () => {
		for (const one of folded)
			one.open = false;
	});
}
