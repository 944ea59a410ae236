// Opens all collapsed responses for printing.

export function watchPrinting() {
	let closed = [];

	addEventListener("beforeprint", () => {
		closed = [...document.querySelectorAll(".words details:not([open])")];
		for (const one of closed)
			one.open = true;
	});
	addEventListener("afterprint", () => {
		for (const one of closed)
			one.open = false;
	});
}
