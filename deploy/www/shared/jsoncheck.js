// jsoncheck: whether a text is JSON, and JSON that the store takes; where it first
// is not, and which names stand twice in an object. Numbers are read as digits and
// never become numbers.

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

// Where in the text that is: lines and characters count from 1.
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
	open = [];		// what is open: its mark, and the names of an object
	refusal = null;		// the first thing that the store does not take
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
			return new Fault(from, "This string does not end.");
		if (this.next === "\n")
			return new Fault(this.at, "The string does not end in its line;"
				+ " a line break in it is written \\n.");
		return this.next === "\\"
			? new Fault(this.at, "JSON has no such escape.")
			: new Fault(this.at, "A control character stands in the string.");
	}

	// high: the first half of a pair that has to go on here; null: there is none.
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
			this.refuse(high ?? at, "This is half of a surrogate pair,"
				+ " which the store cannot hold.");
		return unit >= 0xd800 && unit <= 0xdbff ? at : null;
	}

	string() {
		const from = this.at++;
		let high = null;

		for (;;) {
			const [run] = this.match(plain);

			if (loneSurrogate.test(run) || high !== null
				&& (run || this.next !== "\\")) {
				this.refuse(high ?? this.at - run.length, "This is half"
					+ " of a surrogate pair, which the store cannot hold.");
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

	// How many digits it has when its exponent is written out.
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
			throw new Fault(at, "A number is not finished here.");
		const [, whole, point, fraction = "", power, sign, exponent] = found;

		if (whole.length > 1 && whole[0] === "0")
			throw new Fault(at, "A number begins with a zero too many.");
		if (point && !fraction)
			throw new Fault(this.at, "Digits are missing behind the point.");
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
			throw new Fault(at, `“${found.slice(0, 40)}” is no JSON:`
				+ " a text stands in double quotes.");
		throw new Fault(at, this.strange());
	}

	// What stands where a value should.
	strange() {
		if (this.next === undefined)
			return this.at ? "The text ends where a value should stand."
				: "There is nothing here: a value is missing.";
		if (this.next === "'")
			return "A text stands in double quotes.";
		if (this.next === "/")
			return "JSON has no comments.";
		return ",]}".includes(this.next) ? "A value is missing here."
			: "No value begins like this.";
	}

	// --- Values -------------------------------------------------------------

	begin(mark) {
		this.at++;
		this.open.push(mark === "{" ? { mark, names: new Set() } : { mark });
		if (this.open.length > most.depth)
			this.refuse(this.at - 1,
				"The store holds up to 1,000 levels.");
	}

	// True where the value goes on within.
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

	// A name and its colon; names are the same where they mean the same text.
	name(names) {
		const at = this.at;

		if (this.next !== '"')
			throw new Fault(at, "A name in double quotes should stand here.");
		const token = this.string();
		const said = token.includes("\\") ? JSON.parse(token)
			: token.slice(1, -1);

		if (names.has(said))
			this.repeated.push({ at, name: said });
		names.add(said);
		this.match(blanks);
		if (this.next !== ":")
			throw new Fault(this.at, "A colon should stand here.");
		this.at++;
		this.match(blanks);
	}

	// Closes what is over; true where another value begins.
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
				? `The text ends too early: ${end} is missing.`
				: `A comma or ${end} should stand here.`);
		this.at++;
		this.match(blanks);
		if (this.next === end)
			throw new Fault(at, "Nothing follows this comma.");
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
			throw new Fault(this.at, "Something stands behind the value.");
	}
}

// fault: the first, or null: its message, line and column, and kind: `syntax`, or
// `store` for JSON that the store does not take. repeated: names that an object
// has twice, where they come again.
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
