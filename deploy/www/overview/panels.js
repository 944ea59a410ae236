// panels: usage of today, plan, storage and keys, drawn from the answer of
// /api/dashboard/overview for the chosen mode.

import { mode } from "../api.js";
import { make } from "../dom.js";
import { bytes, count, counted, relative } from "../format.js";

// --- Panels -------------------------------------------------------------------

export function panel(id, title, ...children) {
	return make("section", { class: "panel", id, "aria-labelledby":
		`${id}-title` },
		make("h2", { id: `${id}-title` }, title), ...children);
}

function meter(label, used, limit) {
	const share = limit ? used / limit : 0;
	const level = share >= 1 ? "full" : share >= 0.8 ? "high" : "fine";

	return make("progress", { class: level, max: limit || 1,
		value: Math.min(used, limit), "aria-label": label });
}

function fact(name, value) {
	return make("div", {}, make("dt", {}, name), make("dd", {}, value));
}

// --- Warnings -----------------------------------------------------------------

const quotas = {
	credits: "today's credits",
	live_storage: "your storage for live data",
	test_storage: "your storage for test data",
};

export function warnings(overview) {
	return overview.warnings.map(({ about, level }) => make("p",
		{ class: `warning ${level === 100 ? "full" : "high"}`,
			role: "status" },
		level === 100 ? `You have used up ${quotas[about]}.`
			: `You have used over 80 % of ${quotas[about]}.`));
}

// --- Usage, plan and storage --------------------------------------------------

export function todayPanel({ usage: { today } }) {
	const { requests, outcomes } = today[mode()];
	const isTest = mode() === "test";

	return panel("today", "Today",
		make("p", { class: "figure" }, make("b", { id: "requests" },
			count(requests)), requests === 1 ? " request" : " requests"),
		make("p", { class: "soft" }, `${count(outcomes.ok)} successful, `
			+ `${counted(outcomes.client_error, "client error")}, `
			+ `${counted(outcomes.server_error, "server error")}.`),
		meter(`Credits used today, of ${count(today.limit)}`,
			today.credits, today.limit),
		make("p", { class: "under" },
			make("span", { id: "credits" }, `${count(today.credits)} of `
				+ `${counted(today.limit, "credit")}`),
			make("span", {}, `resets ${relative(today.resets_at)}`)),
		isTest ? make("p", { class: "soft" },
			"Test requests cost no credits.") : null);
}

export function planPanel({ plan }) {
	return panel("plan", "Plan",
		make("p", { class: "figure" },
			make("b", { id: "plan-name" }, plan.name)),
		make("dl", { class: "facts-list" },
			fact("Credits per day", count(plan.credits_per_day)),
			fact("Requests per minute", count(plan.requests_per_minute)),
			fact("Concurrent streams", count(plan.streams))));
}

export function storagePanel({ storage }) {
	const { limit, [mode()]: used } = storage;

	if (used === null)
		return panel("storage", "Storage", make("p", { class: "soft" },
			"The database does not answer. Try again later."));
	return panel("storage", "Storage",
		make("p", { class: "figure" },
			make("b", { id: "stored" }, bytes(used)), ` of ${bytes(limit)}`),
		meter(`Storage used, of ${bytes(limit)}`, used, limit),
		make("p", { class: "soft" }, "Test and live storage are separate."));
}

// --- Keys ---------------------------------------------------------------------

function keyRow(key) {
	const used = key.last_used_at
		? `used ${relative(key.last_used_at)}` : "never used";
	const ends = key.expires_at
		? `, expires ${relative(key.expires_at)}` : "";

	return make("li", {},
		make("b", {}, key.label),
		make("code", {}, `${key.prefix}…${key.last4}`),
		make("span", { class: "soft" }, `${key.scopes.join(", ")} · `
			+ `${key.enabled ? used : "disabled"}${ends}`));
}

export function keysPanel(overview) {
	const keys = overview.keys.filter((key) => key.mode === mode());

	return panel("keys", `${mode() === "test" ? "Test" : "Live"} keys`,
		keys.length ? make("ul", { class: "rows" }, ...keys.map(keyRow))
			: make("p", { class: "soft" }, `You have no ${mode()} key.`),
		make("a", { class: "way", href: "/dashboard/keys" },
			"Manage keys"));
}
