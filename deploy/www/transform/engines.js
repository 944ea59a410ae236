// engines: the table of engines with their examples. argument is the member of the
// request that holds the engine's text.

export const engines = [
	{
		name: "jq",
		title: "jq",
		argument: "program",
		label: "Program",
		about: "A program for jq 1.6. Each output is streamed, and the"
			+ " last one is the result. jq rounds integers beyond 2^53.",
		examples: [
			{ title: "Identity", text: "." },
			{ title: "Elements", text: ".[]?" },
			{ title: "Length", text: "length" },
			{ title: "Double numbers", text: "walk(if type == \"number\""
				+ " then . * 2 else . end)" },
			{ title: "Paths", text: "paths(scalars) as $path\n"
				+ "| {($path | map(tostring) | join(\"/\")):"
				+ " getpath($path)}" },
			{ title: "Set a member", text: ". + {\"seen\": true}" },
		],
	},
	{
		name: "patch",
		title: "JSON patch",
		argument: "patch",
		isJson: true,
		label: "Patch",
		about: "A list of operations as defined in RFC 6902. Either all are"
			+ " applied or none. Numbers keep all digits.",
		examples: [
			{ title: "Add", text: "[{\"op\": \"add\", \"path\": \"/seen\","
				+ " \"value\": true}]" },
			{ title: "Test and replace", text: "[\n"
				+ "  {\"op\": \"test\", \"path\": \"/name\","
				+ " \"value\": \"Ada\"},\n"
				+ "  {\"op\": \"replace\", \"path\": \"/name\","
				+ " \"value\": \"Eve\"}\n]" },
			{ title: "Move", text: "[{\"op\": \"move\", \"from\": \"/name\","
				+ " \"path\": \"/title\"}]" },
			{ title: "Remove", text: "[{\"op\": \"remove\","
				+ " \"path\": \"/name\"}]" },
		],
	},
	{
		name: "merge",
		title: "Merge patch",
		argument: "patch",
		isJson: true,
		label: "Merge patch",
		about: "A patch as defined in RFC 7396: members are set, members"
			+ " that are null are removed, the others stay. Numbers keep"
			+ " all digits.",
		examples: [
			{ title: "Set a member", text: "{\"seen\": true}" },
			{ title: "Remove a member", text: "{\"name\": null}" },
			{ title: "Nested member", text: "{\"address\": {\"city\": \"Rome\"}}" },
		],
	},
	{
		name: "model",
		title: "Model",
		argument: "prompt",
		label: "Prompt",
		about: "A prompt for one of the language models that the operator"
			+ " allows. It receives the value, and its answer is"
			+ " streamed. Tokens cost credits.",
		examples: [
			{ title: "Summarize",
				text: "Describe this in one sentence." },
			{ title: "Translate", json: true,
				text: "Translate each string into French. Leave"
				+ " everything else unchanged." },
			{ title: "Find errors", json: true,
				text: "List what looks wrong, as an array of strings." },
		],
	},
];

export function engineOf(name) {
	return engines.find((engine) => engine.name === name) ?? engines[0];
}
