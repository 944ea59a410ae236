// "Try it": a form that sends the call and shows what comes back.

import { readText } from "../events.js";
import { code, make } from "./dom.js";
import { parse, print } from "./contract.js";
import { request, variants } from "./examples.js";
import { changed, ends, key, mode } from "./key.js";

// More of an answer is read, but not shown.
const SHOWN = 200_000;

export function tryForm(contract, operation) {
	if (operation.answers.some(({ status }) => status === "302"))
		return make("p", { class: "soft" },
			"A browser goes there: it is not to be tried from here.");
	const details = make("details", { class: "try" },
		make("summary", {}, "Try it"));

	// Forms are many: each is made when it is first opened.
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
			? "Send it to live data" : "Send";
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

// Which of the examples it begins as, where there are several, and its text.
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
		rows: [bodies.length > 1 ? labelled(choice, "Begin with") : null,
			labelled(text, "Body")] };
}

// --- Who asks ---------------------------------------------------------------

function takesKey(operation) {
	return key() && operation.credentials.includes("key");
}

function actsOnLive(operation) {
	return operation.method !== "GET" && operation.credentials.length > 0
		&& mode() === "live";
}

function credential(operation) {
	if (!operation.credentials.length)
		return ["Asked without a credential."];
	if (takesKey(operation))
		return [`Asked with ${ends()}. `,
			make("a", { href: "#key" }, "Change it")];
	if (!operation.credentials.includes("key"))
		return ["It takes no API key. Asked as who has signed in here."];
	return [make("a", { href: "#key" }, "Give a key"),
		", or be signed in here."];
}

// Sets what says who asks; returns whether cookies go along. A session's change
// needs its token.
async function identify(operation, headers) {
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

// --- The answer -------------------------------------------------------------

async function ask(operation, call, state, output, signal) {
	const begun = performance.now();
	const headers = new Headers(call.headers);

	output.replaceChildren();
	state.className = "";
	state.textContent = "Asking…";
	try {
		const answer = await fetch(call.path, { method: call.method, headers,
			body: call.body, credentials: await identify(operation, headers),
			signal, cache: "no-store", redirect: "error" });
		const took = Math.round(performance.now() - begun);
		const body = code("Answer", "");

		state.replaceChildren(
			make("b", { "data-class": String(answer.status)[0] },
				`${answer.status} ${answer.statusText}`.trim()),
			` in ${took} ms`);
		output.append(body, make("details", {},
			make("summary", {}, "Headers of the answer"),
			code("Headers", [...answer.headers].map(([name, value]) =>
				`${name}: ${value}`).join("\n"))));
		await read(answer, body.querySelector("pre code"));
	} catch (error) {
		state.className = "wrong";
		state.textContent = signal.aborted ? "Stopped."
			: `No answer came: ${error.message}`;
	}
}

// What comes is shown as it comes; JSON that is whole is set in order.
async function read(answer, place) {
	let text = "", cut = false;

	for await (const piece of readText(answer)) {
		cut ||= text.length + piece.length > SHOWN;
		text = (text + piece).slice(0, SHOWN);
		place.textContent = text;
	}
	if (cut)
		text += `\n… only ${SHOWN.toLocaleString("en")} characters are shown.`;
	else if (text && (answer.headers.get("Content-Type") ?? "")
		.startsWith("application/json"))
		text = print(parse(text));
	place.textContent = text || "(empty)";
}
