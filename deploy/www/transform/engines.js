// engines: what can be done with a value, and examples of it. A row is an engine:
// argument is the member of the request that holds its text.

export const engines = [
	{
		name: "jq",
		title: "jq",
		argument: "program",
		label: "Program",
		about: "A program of jq 1.6. Each of its outputs is streamed; the"
			+ " last one is the result. It counts with doubles: digits"
			+ " beyond 2^53 are lost.",
		examples: [
			{ title: "As it is", text: "." },
			{ title: "Its parts", text: ".[]?" },
			{ title: "How many", text: "length" },
			{ title: "Numbers doubled", text: "walk(if type == \"number\""
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
		about: "Operations of RFC 6902, all of them or none. Numbers keep"
			+ " every digit.",
		examples: [
			{ title: "Add", text: "[{\"op\": \"add\", \"path\": \"/seen\","
				+ " \"value\": true}]" },
			{ title: "Test, then replace", text: "[\n"
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
		about: "What RFC 7396 says: members are set, those that are null"
			+ " go, the rest stays. Numbers keep every digit.",
		examples: [
			{ title: "Set a member", text: "{\"seen\": true}" },
			{ title: "Remove a member", text: "{\"name\": null}" },
			{ title: "Deeper", text: "{\"address\": {\"city\": \"Rome\"}}" },
		],
	},
	{
		name: "model",
		title: "Model",
		argument: "prompt",
		label: "Prompt",
		about: "A question about the value to a language model that the"
			+ " operator allows. Its words are streamed as it says them;"
			+ " its tokens cost credits.",
		examples: [
			{ title: "In a sentence",
				text: "Say in one sentence what this is." },
			{ title: "Translate", json: true,
				text: "Translate each text into French. Leave all else"
				+ " as it is." },
			{ title: "Look for faults", json: true,
				text: "List what looks wrong, as an array of texts." },
		],
	},
];

export function engineOf(name) {
	return engines.find((engine) => engine.name === name) ?? engines[0];
}
