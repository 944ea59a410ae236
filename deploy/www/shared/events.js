// events: reads a stream of server-sent events as the HTML standard defines it.
// readText yields text as it arrives, readEvents each event when it is complete.

// The maximum length of an event, in characters.
const eventMost = 64 << 20;

// Yields the body of a Response as text, piece by piece. Leaving the loop early
// closes the stream.
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

// Splits text into lines that end in CR, LF or CRLF, even if a piece ends between
// the two. An unterminated last line is kept for the next piece.
class Lines {
	#rest = "";
	#hadReturn = false;

	constructor(most) {
		this.most = most;
	}

	// The lines that end in this piece.
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
			throw new RangeError("A line of the stream is too long.");
		return line;
	}
}

// Collects the fields of the event that is being read.
class Fields {
	id = "";
	#event = "";
	#data = [];
	#size = 0;

	constructor(most) {
		this.most = most;
	}

	// An empty line completes the event, which is returned; otherwise null.
	take(line) {
		if (line === "")
			return this.#complete();
		const colon = line.indexOf(":");
		const name = colon < 0 ? line : line.slice(0, colon);
		const value = colon < 0 ? "" : line.slice(colon + 1);

		this.#set(name, value.startsWith(" ") ? value.slice(1) : value);
		return null;
	}

	// Lines without a field name are comments; unknown fields are ignored.
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
			throw new RangeError("An event of the stream is too long.");
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

// for await (const { event, data, id } of readEvents(response)). An event that is
// incomplete at the end of the stream is dropped.
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
