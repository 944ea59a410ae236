// What holds for all calls: credentials, rates, plans, errors.

import { breakable, code, make, prose, sentence, table } from "./dom.js";
import { parse, print } from "./contract.js";

export function draw_guide(contract) {
	const { info, components } = contract.document;

	document.getElementById("about").append(...prose(info.description));
	document.getElementById("credentials").append(...terms(
		Object.entries(components.securitySchemes).map(([name, one]) =>
			[one.bearerFormat ?? one.name ?? name, one.description])));
	document.getElementById("rates").append(...terms(
		Object.entries(components.headers)
			.filter(([name]) => /RateLimit|Retry-After/.test(name))
			.map(([name, one]) => [name, one.description])));
	draw_errors(components);
	draw_plans();
}

function terms(rows) {
	return rows.flatMap(([term, meaning]) => [
		make("dt", {}, make("code", {}, term)),
		make("dd", {}, sentence(meaning ?? ""))]);
}

function draw_errors({ responses }) {
	const errors = Object.values(responses)
		.map((one) => one.content?.["application/json"]?.example?.error)
		.filter(Boolean).sort((a, b) => a.status - b.status);

	document.getElementById("error-table").append(table(
		["status", "code", "message"], errors.map((error) => [
			make("b", { "data-class": String(error.status)[0] },
				String(error.status)),
			make("code", {}, breakable(error.code)), error.message])));
	document.getElementById("error-shape").append(
		code("An error", print({ error: errors[0] })));
}

// The plans are this host's own, so they are asked for.
async function draw_plans() {
	const place = document.getElementById("plans");
	const number = (n) => n.toLocaleString("en");

	try {
		const answer = await fetch("/api/plans", { credentials: "omit" });

		if (!answer.ok)
			throw new Error(`status ${answer.status}`);
		place.append(table(["plan", "requests a minute", "credits a day",
			"storage", "streams at once"],
		parse(await answer.text()).items.map((plan) => [plan.name,
			number(plan.requests_per_minute), number(plan.credits_per_day),
			bytes(plan.storage_bytes), number(plan.streams)])));
	} catch (error) {
		place.append(make("p", { class: "wrong" },
			`The plans cannot be had just now: ${error.message}`));
	}
}

function bytes(n) {
	const units = ["B", "kB", "MB", "GB", "TB"];
	let i = 0;

	for (; n >= 1000 && i < units.length - 1; i++)
		n /= 1000;
	return `${Number(n.toFixed(1)).toLocaleString("en")} ${units[i]}`;
}
