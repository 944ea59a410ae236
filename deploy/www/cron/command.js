// command: the kinds of commands, with an example and a sentence for each.

export const kinds = [
	{
		name: "http",
		label: "HTTP request",
		example: 'http POST https://example.com/hook {"from": "cron"}',
		syntax: "http METHOD URL [JSON]",
		about: "sends a request, which is signed with the webhook secret. It"
			+ " succeeds if the answer has a 2xx status.",
	},
	{
		name: "sql",
		label: "SQL statement",
		example: "sql DELETE FROM events WHERE created_at < datetime('now',"
			+ " '-30 days')",
		syntax: "sql STATEMENT",
		about: "runs a statement in your database.",
	},
	{
		name: "kv",
		label: "Transform of a key",
		example: "kv transform report .runs += 1",
		syntax: "kv transform KEY PROGRAM",
		about: "changes the value of a key with a jq program.",
	},
	{
		name: "heartbeat",
		label: "Heartbeat",
		example: "heartbeat 10m",
		syntax: "heartbeat [GRACE]",
		about: "runs nothing. It expects a request from your own program, at the"
			+ " latest GRACE after each scheduled time.",
	},
];
