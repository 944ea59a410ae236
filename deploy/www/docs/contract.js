// Reads openapi.json: resolves references and lists operations and examples.

const DEEPEST = 8;
const METHODS = ["get", "put", "post", "patch", "delete"];

// Parses JSON. Numbers keep their digits if the browser supports JSON.rawJSON.
export function parse(text) {
	return JSON.parse(text, (key, value, context) =>
		typeof value === "number" && context && JSON.rawJSON
			&& String(value) !== context.source
			? JSON.rawJSON(context.source) : value);
}

export function print(value) {
	return JSON.stringify(value, null, 2);
}

export class Contract {
	constructor(text) {
		this.document = parse(text);
		this.operations = Object.entries(this.document.paths).flatMap(
			([path, item]) => METHODS.filter((method) => item[method])
				.map((method) => this.#operation(path, method, item)));
	}

	// Resolves a reference, also one that leads to another reference.
	follow(thing) {
		for (let i = 0; thing?.$ref && i < DEEPEST; i++) {
			thing = thing.$ref.replace(/^#\//, "").split("/").reduce(
				(at, name) => at?.[name.replace(/~1/g, "/").replace(/~0/g, "~")],
				this.document);
		}
		return thing ?? {};
	}

	name(thing) {
		return thing?.$ref?.split("/").pop();
	}

	get tags() {
		return (this.document.tags ?? []).map((tag) => ({ ...tag,
			operations: this.operations.filter((operation) =>
				operation.tags.includes(tag.name)) }))
			.filter((tag) => tag.operations.length);
	}

	#operation(path, method, item) {
		const operation = item[method];
		const parameters = [...item.parameters ?? [],
			...operation.parameters ?? []].map((one) => this.follow(one));
		const security = operation.security ?? this.document.security ?? [];

		return { tags: [], ...operation, id: operation.operationId, path,
			method: method.toUpperCase(), parameters,
			credentials: [...new Set(security.flatMap((one) => Object.keys(one)))],
			scopes: security.find((one) => one.key)?.key ?? [],
			is_stream: Boolean(this.follow(operation.responses[200])
				.content?.["text/event-stream"]),
			body: operation.requestBody && this.follow(operation.requestBody),
			answers: Object.entries(operation.responses).map(
				([status, answer]) => ({ status, ...this.follow(answer) })) };
	}

	// The examples of a media type or parameter, as pairs of name and value.
	examples(media) {
		if (media.example !== undefined)
			return [["", media.example]];
		if (media.examples)
			return Object.entries(media.examples).map(([name, one]) =>
				[name, this.follow(one).value]);
		return media.schema ? [["", this.sample(media.schema)]] : [];
	}

	// Makes a value that matches a schema.
	sample(schema, depth = 0) {
		const s = this.follow(schema);
		const type = [s.type].flat()[0];

		for (const given of [s.example, s.examples?.[0], s.const, s.default,
			s.enum?.[0]]) {
			if (given !== undefined)
				return given;
		}
		if (depth >= DEEPEST)
			return null;
		if (s.oneOf || s.anyOf || s.allOf)
			return this.sample((s.oneOf ?? s.anyOf ?? s.allOf)[0], depth + 1);
		if (type === "object")
			return Object.fromEntries(Object.entries(s.properties ?? {})
				.map(([name, one]) => [name, this.sample(one, depth + 1)]));
		if (type === "array")
			return [this.sample(s.items, depth + 1)];
		return { string: "text", integer: s.minimum ?? 1, number: 1,
			boolean: true }[type] ?? null;
	}
}

// Encodes a body: JSON, a form, or plain text.
export function written(value, type) {
	if (/[/+]json$/.test(type))
		return print(value);
	return type === "application/x-www-form-urlencoded"
		&& typeof value === "object" ? new URLSearchParams(value).toString()
		: String(value);
}
