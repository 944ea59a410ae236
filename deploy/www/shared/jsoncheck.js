// jsoncheck: checks that a text is valid JSON and that the store accepts it. Reports
// the position of the first error and the duplicate names in objects. Numbers are
// checked as text, of any length.

const most = { depth: 1000, digits: 1000 };
const blanks = /[ \t\n\r]*/y;
const plain = /[^"\\\u0000-\u001f]*/y;
const escape = /\\(?:["\\/bfnrt]|u([0-9a-fA-F]{4}))/y;
const number = /-?(\d+)(\.(\d*))?([eE]([+-]?)(\d*))?/y;
const word = /[\w$.+-]+/y;
const words = ["true", "false", "null"];
const loneSurrogate = /\p{Surrogate}/u;

class Fault extends Error {
	constructor(at, message, kind = "syntax") {
		super(message);
		Object.assign(this, { at, kind });
	}
}

// Line and column of a position, counted from 1. The column counts characters.
function placeOf(text, at) {
	const before = text.slice(0, at);
	const start = before.lastIndexOf("\n") + 1;

	return {
		at,
		line: before.split("\n").length,
		column: [...before.slice(start)].length + 1,
	};
}

class Reader {
	at = 0;
	open = [];		// open brackets, and the names of each object
	refusal = null;		// the first thing that the store does not accept
	repeated = [];

	constructor(text) {
		this.text = text;
	}

	match(pattern) {
		pattern.lastIndex = this.at;
		const found = pattern.exec(this.text);

		this.at = found ? pattern.lastIndex : this.at;
		return found;
	}

	get next() {
		return this.text[this.at];
	}

	refuse(at, message) {
		this.refusal ??= new Fault(at, message, "store");
	}

	// --- Strings ------------------------------------------------------------

	unfinished(from) {
		if (this.next === undefined)
			return new Fault(from, "The string is not terminated.");
		if (this.next === "\n")
			return new Fault(this.at, "The string is not terminated on its"
				+ " line. Write a line break as \\n.");
		return this.next === "\\"
			? new Fault(this.at, "Invalid escape sequence.")
			: new Fault(this.at, "The string contains a control character.");
	}

	// high: the position of a high surrogate that must be completed here, or null.
	takeEscape(high) {
		const at = this.at;
		const found = this.match(escape);

		if (!found)
			return undefined;
		const unit = found[1] ? parseInt(found[1], 16) : null;
		const isLow = unit >= 0xdc00 && unit <= 0xdfff;

		if (unit === 0)
			this.refuse(at, "The store cannot hold \\u0000.");
		if ((high !== null) !== isLow)
			this.refuse(high ?? at, "The store cannot hold half of a"
				+ " surrogate pair.");
		return unit >= 0xd800 && unit <= 0xdbff ? at : null;
	}

	string() {
		const from = this.at++;
		let high = null;

		for (;;) {
			const [run] = this.match(plain);

			if (loneSurrogate.test(run) || high !== null
				&& (run || this.next !== "\\")) {
				this.refuse(high ?? this.at - run.length, "The store cannot"
					+ " hold half of a surrogate pair.");
				high = null;
			}
			if (this.next === '"') {
				this.at++;
				return this.text.slice(from, this.at);
			}
			high = this.takeEscape(high);
			if (high === undefined)
				throw this.unfinished(from);
		}
	}

	// --- Numbers and words --------------------------------------------------

	// Counts the digits of a number when its exponent is expanded.
	countDigits(at, whole, fraction, exponent) {
		const before = whole.length + exponent;
		const behind = fraction.length - exponent;

		if (Math.max(before, 1) + Math.max(behind, 0) > most.digits)
			this.refuse(at, "The store holds numbers of up to"
				+ " 1,000 digits.");
	}

	number() {
		const at = this.at;
		const found = this.match(number);

		if (!found)
			throw new Fault(at, "Incomplete number.");
		const [, whole, point, fraction = "", power, sign, exponent] = found;

		if (whole.length > 1 && whole[0] === "0")
			throw new Fault(at, "A number cannot have leading zeros.");
		if (point && !fraction)
			throw new Fault(this.at, "Digits are missing after the decimal point.");
		if (power && !exponent)
			throw new Fault(this.at, "Digits are missing in the exponent.");
		this.countDigits(at, whole, fraction,
			power ? Number(sign + exponent) : 0);
	}

	word() {
		const at = this.at;
		const [found = ""] = this.match(word) ?? [];

		if (words.includes(found))
			return;
		if (found)
			throw new Fault(at, `“${found.slice(0, 40)}” is not valid JSON.`
				+ " Put strings in double quotes.");
		throw new Fault(at, this.unexpected());
	}

	// Describes what was found where a value is expected.
	unexpected() {
		if (this.next === undefined)
			return this.at ? "The text ends where a value is expected."
				: "The text is empty. A value is expected.";
		if (this.next === "'")
			return "Put strings in double quotes.";
		if (this.next === "/")
			return "JSON has no comments.";
		return ",]}".includes(this.next) ? "A value is missing here."
			: "Unexpected character. A value is expected here.";
	}

	// --- Values -------------------------------------------------------------

	begin(mark) {
		this.at++;
		this.open.push(mark === "{" ? { mark, names: new Set() } : { mark });
		if (this.open.length > most.depth)
			this.refuse(this.at - 1,
				"The store holds values of up to 1,000 levels.");
	}

	// Reads a value. True if it opened an object or array, whose members follow.
	value() {
		const mark = this.next;

		if (mark === "{" || mark === "[") {
			this.begin(mark);
			return true;
		}
		if (mark === '"')
			this.string();
		else if (mark === "-" || (mark >= "0" && mark <= "9"))
			this.number();
		else
			this.word();
		return false;
	}

	// Reads a name and its colon. Names are compared after decoding their escapes.
	name(names) {
		const at = this.at;

		if (this.next !== '"')
			throw new Fault(at, "Expected a name in double quotes.");
		const token = this.string();
		const decoded = token.includes("\\") ? JSON.parse(token)
			: token.slice(1, -1);

		if (names.has(decoded))
			this.repeated.push({ at, name: decoded });
		names.add(decoded);
		this.match(blanks);
		if (this.next !== ":")
			throw new Fault(this.at, "Expected a colon.");
		this.at++;
		this.match(blanks);
	}

	// Moves past a comma or closing bracket. True if another value begins.
	advance(isFirst) {
		const { mark, names } = this.open.at(-1);
		const end = mark === "{" ? "}" : "]";

		this.match(blanks);
		if (this.next === end) {
			this.at++;
			this.open.pop();
			return false;
		}
		if (isFirst === false)
			this.comma(end);
		if (names)
			this.name(names);
		return true;
	}

	comma(end) {
		const at = this.at;

		if (this.next !== ",")
			throw new Fault(at, this.next === undefined
				? `The text ends too early. ${end} is missing.`
				: `Expected a comma or ${end}.`);
		this.at++;
		this.match(blanks);
		if (this.next === end)
			throw new Fault(at, "No value follows this comma.");
	}

	all() {
		this.match(blanks);
		let isFirst = this.value();

		while (this.open.length) {
			const goesOn = this.advance(isFirst);

			isFirst = goesOn && this.value();
		}
		this.match(blanks);
		if (this.next !== undefined)
			throw new Fault(this.at, "Unexpected text after the value.");
	}
}

// fault: the first error with message, line and column, or null. Its kind is
// `syntax`, or `store` for valid JSON that the store does not accept. repeated: the
// second occurrences of duplicate names.
export function checkJson(text) {
	const reader = new Reader(text);
	let fault;

	try {
		reader.all();
		fault = reader.refusal;
	} catch (error) {
		if (!(error instanceof Fault))
			throw error;
		fault = error;
	}
	return {
		fault: fault && { message: fault.message, kind: fault.kind,
			...placeOf(text, fault.at) },
		repeated: reader.repeated.slice(0, 20).map(({ at, name }) =>
			({ name, ...placeOf(text, at) })),
	};
}
