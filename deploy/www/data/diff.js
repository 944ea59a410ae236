// diff: which lines of two texts are not the other's. Whether a line ends in a comma
// says only whether it is the last of its kind.

// So many pairs of lines are compared, and no more: beyond that, all that lies
// between the first and the last difference counts as one.
const most = 4_000_000;

function commonStart(a, b) {
	let n = 0;

	while (n < a.length && n < b.length && a[n] === b[n])
		n++;
	return n;
}

// For each pair of places, how many lines have the ends of both in common.
function commonEnds(a, b) {
	const width = b.length + 1;
	const common = new Uint32Array((a.length + 1) * width);

	for (let i = a.length - 1; i >= 0; i--)
		for (let j = b.length - 1; j >= 0; j--)
			common[i * width + j] = a[i] === b[j]
				? common[(i + 1) * width + j + 1] + 1
				: Math.max(common[(i + 1) * width + j],
					common[i * width + j + 1]);
	return (i, j) => common[i * width + j];
}

function between(a, b) {
	const same = [a.map(() => false), b.map(() => false)];

	if (a.length * b.length > most)
		return same;
	const common = commonEnds(a, b);
	for (let i = 0, j = 0; i < a.length && j < b.length;) {
		if (a[i] === b[j])
			same[0][i++] = same[1][j++] = true;
		else if (common(i + 1, j) >= common(i, j + 1))
			i++;
		else
			j++;
	}
	return same;
}

// The lines of each: { text, isSame }.
export function compareLines(left, right) {
	const texts = [left.split("\n"), right.split("\n")];
	const sides = texts.map((lines) =>
		lines.map((line) => line.replace(/,$/, "")));
	const start = commonStart(...sides);
	const rest = sides.map((lines) => lines.slice(start).reverse());
	const end = commonStart(...rest);
	const middle = sides.map((lines) =>
		lines.slice(start, lines.length - end));
	const same = between(...middle);

	return texts.map((lines, side) => lines.map((text, i) => ({
		text,
		isSame: i < start || i >= lines.length - end
			|| same[side][i - start],
	})));
}
