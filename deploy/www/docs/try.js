// "Try it": a form that sends the call and shows the response.

import { readText } from "../events.js";
import { code, make } from "./dom.js";
import { parse, print } from "./contract.js";
import { request, variants } from "./examples.js";
import { changed, key, mode, shortKey } from "./key.js";

// The maximum number of characters shown. The rest is read and dropped.
const SHOWN = 200_000;

export function tryForm(contract, operation) {
	if (operation.answers.some(({ status }) => status === "302"))
		return make("p", { class: "soft" },
			"This call redirects a browser. It cannot be tried here.");
	const details = make("details", { class: "try" },
		make("summary", {}, "Try it"));

	// There are many forms. Each is created when it is first opened.
	details.addEventListener("toggle", () => {
		if (details.open && details.childElementCount === 1)
			details.append(formOf(contract, operation));
	});
	return details;
}

// --- The form ---------------------------------------------------------------

function formOf(contract, operation) {
	const inputs = operation.parameters.filter((one) => !one["x-everywhere"])
		.map((one) => [one, inputOf(contract, operation, one)]);
	const { type, text, rows } = bodyOf(contract, operation);
	const send = make("button", { type: "submit" });
	const stop = make("button", { type: "button", class: "quiet",
		hidden: true }, "Stop");
	const who = make("p", { class: "soft" });
	const state = make("p", { role: "status" });
	const output = make("div");
	const form = make("form", { "aria-label": `Try: ${operation.summary}` },
		who, inputs.map(([one, input]) => labelled(input,
			one.required ? one.name : `${one.name} (optional)`)),
		rows, make("p", { class: "line" }, send, stop), state, output);
	const showKey = () => {
		who.replaceChildren(...credential(operation));
		send.textContent = actsOnLive(operation)
			? "Send to live data" : "Send";
	};
	const setBusy = (busy) => {
		send.disabled = busy;
		stop.hidden = !busy;
	};

	changed.addEventListener("change", showKey);
	showKey();
	form.addEventListener("submit", async (event) => {
		const leave = new AbortController();
		const given = Object.fromEntries(inputs.map(([one, input]) =>
			[`${one.in} ${one.name}`, input.value]));

		event.preventDefault();
		stop.onclick = () => leave.abort();
		setBusy(true);
		await ask(operation, request(contract, operation, "",
			{ ...given, type: type?.(), body: text?.value }),
		state, output, leave.signal);
		setBusy(false);
	});
	return form;
}

function labelled(input, text) {
	return make("p", {}, make("label", { for: input.id }, text), input);
}

function inputOf(contract, operation, one) {
	const id = `${operation.id}-${one.in}-${one.name}`;
	const schema = contract.follow(one.schema);
	const choices = schema.enum ?? (schema.type === "boolean"
		? [true, false] : null);

	if (choices)
		return make("select", { id }, one.required ? null
			: make("option", { value: "" }, "–"),
		choices.map((choice) => make("option", {}, String(choice))));
	return make("input", { id, type: "text", autocomplete: "off",
		spellcheck: "false", required: one.required === true,
		value: one.required ? contract.examples(one)[0]?.[1] ?? "" : "" });
}

// The text field of the body and, if there are several examples, their list.
function bodyOf(contract, operation) {
	const bodies = operation.body ? variants(contract, operation) : [];

	if (!bodies.length)
		return {};
	const choice = make("select", { id: `${operation.id}-example` },
		bodies.map(({ title }, i) => make("option", { value: i }, title)));
	const text = make("textarea", { id: `${operation.id}-body`, rows: 7,
		spellcheck: "false" });
	const fill = () => { text.value = bodies[choice.value].body; };

	choice.addEventListener("change", fill);
	fill();
	return { text, type: () => bodies[choice.value].type,
		rows: [bodies.length > 1 ? labelled(choice, "Example") : null,
			labelled(text, "Body")] };
}

// --- Credentials ------------------------------------------------------------

function takesKey(operation) {
	return key() && operation.credentials.includes("key");
}

function actsOnLive(operation) {
	return operation.method !== "GET" && operation.credentials.length > 0
		&& mode() === "live";
}

function credential(operation) {
	if (!operation.credentials.length)
		return ["This call needs no credential."];
	if (takesKey(operation))
		return [`Uses the key ${shortKey()}. `,
			make("a", { href: "#key" }, "Change key")];
	if (!operation.credentials.includes("key"))
		return ["This call does not accept API keys. It uses your session."];
	return [make("a", { href: "#key" }, "Enter a key"),
		" or sign in."];
}

// Sets the headers of the credential and returns the credentials mode for fetch.
// Writes by session need its CSRF token.
async function authenticate(operation, headers) {
	if (!operation.credentials.length)
		return "omit";
	if (takesKey(operation)) {
		headers.set("Authorization", `Bearer ${key()}`);
		return "omit";
	}
	headers.set("Io7-Mode", mode());
	if (operation.method !== "GET") {
		const session = await fetch("/api/session", { cache: "no-store" });

		if (session.ok)
			headers.set("X-CSRF-Token", (await session.json()).csrf_token);
	}
	return "same-origin";
}

// --- Response ---------------------------------------------------------------

async function ask(operation, call, state, output, signal) {
	const begun = performance.now();
	const headers = new Headers(call.headers);

	output.replaceChildren();
	state.className = "";
	state.textContent = "Waiting…";
	try {
		const answer = await fetch(call.path, { method: call.method, headers,
			body: call.body, credentials: await authenticate(operation, headers),
			signal, cache: "no-store", redirect: "error" });
		const took = Math.round(performance.now() - begun);
		const body = code("Response", "");

		state.replaceChildren(
			make("b", { "data-class": String(answer.status)[0] },
				`${answer.status} ${answer.statusText}`.trim()),
			` in ${took} ms`);
		output.append(body, make("details", {},
			make("summary", {}, "Response headers"),
			code("Headers", [...answer.headers].map(([name, value]) =>
				`${name}: ${value}`).join("\n"))));
		await read(answer, body.querySelector("pre code"));
	} catch (error) {
		state.className = "wrong";
		state.textContent = signal.aborted ? "Stopped."
			: `No response: ${error.message}`;
	}
}

// Shows the body as it arrives. JSON is formatted when it is complete.
async function read(answer, place) {
	let text = "", cut = false;

	for await (const piece of readText(answer)) {
		cut ||= text.length + piece.length > SHOWN;
		text = (text + piece).slice(0, SHOWN);
		place.textContent = text;
	}
	if (cut)
		text += `\n… Only the first ${SHOWN.toLocaleString("en")} characters are shown.`;
	else if (text && (answer.headers.get("Content-Type") ?? "")
		.startsWith("application/json"))
		text = print(parse(text));
	place.textContent = text || "(empty)";
}
