// lines: files and streams of lines, handled as bytes, because they may be too large
// for a string.

const lineFeed = 10;
const excerpt = 2000;
const piece = 8 << 20;

function countFeeds(bytes) {
	let n = 0;

	for (let at = bytes.indexOf(lineFeed); at >= 0;
		at = bytes.indexOf(lineFeed, at + 1))
		n++;
	return n;
}

function join(a, b) {
	const both = new Uint8Array(a.length + b.length);

	both.set(a);
	both.set(b, a.length);
	return both;
}

// Collects the bytes of a stream in a blob. The last line is kept separately: it may
// report how the stream ended.
export class Collector {
	count = 0;
	#held = new Uint8Array(0);
	#blob = new Blob([]);
	#parts = [];
	#size = 0;

	take(bytes) {
		const all = join(this.#held, bytes);
		const end = all.lastIndexOf(lineFeed);
		const start = end > 0 ? all.lastIndexOf(lineFeed, end - 1) + 1 : 0;

		this.#release(all.subarray(0, start));
		this.#held = all.subarray(start);
	}

	// Browsers can keep a blob on disk.
	#release(bytes) {
		if (!bytes.length)
			return;
		this.count += countFeeds(bytes);
		this.#parts.push(bytes);
		this.#size += bytes.length;
		if (this.#size < piece)
			return;
		this.#blob = new Blob([this.#blob, ...this.#parts]);
		this.#parts = [];
		this.#size = 0;
	}

	get last() {
		return new TextDecoder().decode(this.#held);
	}

	// Everything received. The last line is included on request, if it is complete.
	blob(withLast) {
		if (withLast && this.#held.at(-1) === lineFeed) {
			this.#release(this.#held);
			this.#held = new Uint8Array(0);
		}
		return new Blob([this.#blob, ...this.#parts]);
	}
}

async function* pieces(file) {
	const reader = file.stream().getReader();
	let from = 0;

	for (;;) {
		const { done, value } = await reader.read();

		if (done)
			return;
		yield { from, bytes: value };
		from += value.length;
	}
}

// The offsets of a line, counted from 1, and of the next one.
async function findLine(file, number) {
	let line = 1, start = number === 1 ? 0 : null;

	for await (const { from, bytes } of pieces(file)) {
		for (let at = bytes.indexOf(lineFeed); at >= 0;
			at = bytes.indexOf(lineFeed, at + 1)) {
			line++;
			if (line === number)
				start = from + at + 1;
			if (line === number + 1)
				return { start, next: from + at + 1 };
		}
	}
	return { start, next: file.size };
}

// { start, next, text }. The text of a long line is truncated.
export async function lineOf(file, number) {
	const { start, next } = await findLine(file, number);
	const text = await file.slice(start, Math.min(next, start + excerpt)).text();

	return { start, next, text: text.replace(/\r?\n$/, "")
		+ (next - start > excerpt ? " …" : "") };
}
