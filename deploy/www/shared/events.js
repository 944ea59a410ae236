// events: a stream of server-sent events, read as the HTML standard says. What
// comes is given on as soon as it is whole: text by readText, events by readEvents.

// An event is held until it is whole: so many characters, and no more.
const eventMost = 64 << 20;

// The text of an answer of fetch, piece by piece. Whoever stops early leaves.
export async function* readText(response) {
	const reader = response.body?.pipeThrough(new TextDecoderStream())
		.getReader();

	try {
		for (;;) {
			const { done, value } = await reader?.read() ?? { done: true };

			if (done)
				return;
			yield value;
		}
	} finally {
		reader?.cancel().catch(() => {});
	}
}

// Lines that end in CR, LF or both, wherever the text was cut. The last one is
// none until it has ended.
class Lines {
	#rest = "";
	#hadReturn = false;

	constructor(most) {
		this.most = most;
	}

	// Those that end in this piece.
	*take(text) {
		const piece = this.#hadReturn && text.startsWith("\n")
			? text.slice(1) : text;
		const lines = piece.split(/\r\n|\r|\n/);

		this.#hadReturn = text === "" ? this.#hadReturn
			: text.endsWith("\r");
		lines[0] = this.#rest + lines[0];
		this.#rest = lines.pop();
		for (const line of lines)
			yield this.#bounded(line);
		this.#bounded(this.#rest);
	}

	#bounded(line) {
		if (line.length > this.most)
			throw new RangeError("a line of the stream is too long");
		return line;
	}
}

// The fields of the event that is being read.
class Fields {
	id = "";
	#event = "";
	#data = [];
	#size = 0;

	constructor(most) {
		this.most = most;
	}

	// The event that an empty line completes; null: there is none.
	take(line) {
		if (line === "")
			return this.#complete();
		const colon = line.indexOf(":");
		const name = colon < 0 ? line : line.slice(0, colon);
		const value = colon < 0 ? "" : line.slice(colon + 1);

		this.#set(name, value.startsWith(" ") ? value.slice(1) : value);
		return null;
	}

	// What has no name, or one that nobody knows, is a comment.
	#set(name, value) {
		if (name === "event")
			this.#event = value;
		else if (name === "id" && !value.includes("\0"))
			this.id = value;
		else if (name === "data")
			this.#add(value);
	}

	#add(value) {
		this.#size += value.length + 1;
		if (this.#size > this.most)
			throw new RangeError("an event of the stream is too long");
		this.#data.push(value);
	}

	#complete() {
		const whole = { event: this.#event || "message",
			data: this.#data.join("\n"), id: this.id };
		const has = this.#data.length > 0;

		this.#event = "";
		this.#data = [];
		this.#size = 0;
		return has ? whole : null;
	}
}

// for await (const { event, data, id } of readEvents(response)): what the last
// empty line did not complete is no event.
export async function* readEvents(response, { most = eventMost } = {}) {
	const lines = new Lines(most);
	const fields = new Fields(most);

	for await (const text of readText(response)) {
		for (const line of lines.take(text)) {
			const event = fields.take(line);

			if (event)
				yield event;
		}
	}
}
