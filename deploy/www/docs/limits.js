// The limits in the contract, and the plans of this server, which the API lists.

import { bytes, count } from "../format.js";
import { make, table, titled, wide } from "./dom.js";
import { parse } from "./contract.js";
import { slug } from "./markdown.js";

const SPANS = [["years", 31536000], ["days", 86400], ["hours", 3600]];
const SIZES = [["GiB", 1 << 30], ["MiB", 1 << 20], ["KiB", 1 << 10]];

// The value in the largest unit in which it is a whole number.
function amount(value, unit) {
	const units = { seconds: SPANS, bytes: SIZES }[unit] ?? [];
	const [name, size] = units.find(([, size]) => value % size === 0)
		?? [unit, 1];

	return `${count(value / size)} ${value === size
		? name.replace(/s$/, "") : name}`;
}

export function drawLimits(contract) {
	return contract.document["x-limits"].flatMap(({ about, limits }) => [
		titled(3, `limits/${slug(about)}`, about),
		wide(table(["Limit", "Maximum"], limits.map((limit) => [limit.what,
			make("span", {}, amount(limit.value, limit.unit), limit.option
				? make("span", { class: "soft" }, " (the operator can change it)")
				: null)])), about)]);
}

export async function drawPlans() {
	const place = document.getElementById("plans");

	try {
		const answer = await fetch("/api/plans", { credentials: "omit" });

		if (!answer.ok)
			throw new Error(`status ${answer.status}`);
		place.append(table(["Plan", "Requests per minute", "Credits per day",
			"Storage", "Concurrent streams"],
		parse(await answer.text()).items.map((plan) => [plan.name,
			count(plan.requests_per_minute), count(plan.credits_per_day),
			bytes(plan.storage_bytes), count(plan.streams)])));
	} catch (error) {
		place.append(make("p", { class: "wrong" },
			`The plans could not be loaded: ${error.message}`));
	}
}
