// compare: the lines in which two texts differ. A trailing comma is ignored: it only
// says whether a line is the last one of its object or array.

// The maximum number of pairs of lines to compare. Beyond it, everything between the
// first and the last difference counts as different.
const most = 4_000_000;

function commonStart(a, b) {
	let n = 0;

	while (n < a.length && n < b.length && a[n] === b[n])
		n++;
	return n;
}

// A table of the longest common subsequence of the rests a[i..] and b[j..].
function commonRests(a, b) {
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
	const common = commonRests(a, b);
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
