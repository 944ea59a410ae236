// history: the last 30 days as a chart and as a table: requests, credits or traffic.

import { mode } from "../api.js";
import { make } from "../dom.js";
import { bytes, count, counted, date } from "../format.js";
import { drawChart } from "./chart.js";
import { panel } from "./panels.js";

// The views of the chart. A series is one colour of the bars; none is shown where all
// values are zero.
const views = [
	{
		name: "Requests",
		none: "No requests in the last 30 days.",
		write: count,
		series: [
			{ name: "Successful", tint: "--accent", of: (day) => day.outcomes.ok },
			{ name: "Client errors", tint: "--warn",
				of: (day) => day.outcomes.client_error },
			{ name: "Over limit", tint: "--limited",
				of: ({ outcomes }) => outcomes.rate_limited
					+ outcomes.quota_exceeded },
			{ name: "Server errors", tint: "--bad",
				of: (day) => day.outcomes.server_error },
		],
	},
	{
		name: "Credits",
		none: "No credits were used in the last 30 days.",
		write: count,
		series: [
			{ name: "Credits", tint: "--accent", of: (day) => day.credits },
		],
	},
	{
		name: "Traffic",
		none: "No data was transferred in the last 30 days.",
		write: bytes,
		series: [
			{ name: "Received", tint: "--limited", of: (day) => day.bytes_in },
			{ name: "Sent", tint: "--accent", of: (day) => day.bytes_out },
		],
	},
];

let chosen = views[0];

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
const total = (days, { of }) => sum(days.map(of));

function legend(days, { series, write }) {
	return make("ul", { class: "legend" }, ...series.map((one) => {
		const item = make("li", {}, `${one.name} `,
			make("b", {}, write(total(days, one))));

		item.style.setProperty("--tint", `var(${one.tint})`);
		return item;
	}));
}

function table(days, { name, series, write }) {
	const heads = ["Day", ...series.map((one) => one.name)];
	const rows = [...days].reverse().map((day) => make("tr", {},
		make("th", { scope: "row" }, date(day.date)),
		...series.map(({ of }) => make("td", {}, write(of(day))))));

	return make("details", { class: "numbers" },
		make("summary", {}, "Show as table"),
		make("div", { class: "scroll", tabindex: 0, role: "region",
			"aria-label": `${name} by day` },
		make("table", {},
			make("thead", {}, make("tr", {}, ...heads.map((head) =>
				make("th", { scope: "col" }, head)))),
			make("tbody", {}, ...rows))));
}

// Without the chart library the table is shown instead.
async function drawInto(box, canvas, numbers, what) {
	if (await drawChart(canvas, what))
		return;
	box.hidden = true;
	numbers.open = true;
}

function chartOf(days, view) {
	if (!sum(view.series.map((one) => total(days, one))))
		return make("p", { class: "soft chart" },
			view.none);

	const summary = view.series.map((one) =>
		`${one.name} ${view.write(total(days, one))}`).join(", ");
	const canvas = make("canvas", { role: "img", "aria-label":
		`${view.name} in ${counted(days.length, "day")}: ${summary}` });
	const box = make("div", { class: "canvas" }, canvas);
	const numbers = table(days, view);

	// The canvas has no size before it is part of the page.
	queueMicrotask(() => drawInto(box, canvas, numbers, { ...view, days,
		labels: days.map((day) => date(day.date)) }));
	return make("div", { class: "chart" }, legend(days, view), box, numbers);
}

function choice(view, onChange) {
	return make("label", {},
		make("input", { type: "radio", name: "view", value: view.name,
			checked: view === chosen, onchange: onChange }),
		make("span", {}, view.name));
}

// Test requests cost no credits: that view would be empty.
function viewsOf(theMode) {
	return theMode === "live" ? views
		: views.filter((view) => view.name !== "Credits");
}

export function historyPanel({ usage }) {
	const days = usage.history.filter((day) => day.mode === mode());
	const offered = viewsOf(mode());

	if (!sum(days.map((day) => day.requests)))
		return panel("history", "Last 30 days", make("p",
			{ class: "soft" }, "No requests yet. Your first request"
			+ " appears here within a second."));
	if (!offered.includes(chosen))
		chosen = views[0];

	const place = make("div", {}, chartOf(days, chosen));
	const choices = offered.map((view) => choice(view, () => {
		chosen = view;
		place.replaceChildren(chartOf(days, view));
	}));

	return panel("history", "Last 30 days",
		make("fieldset", { class: "views" },
			make("legend", { class: "unseen" }, "Values in the chart"),
			...choices),
		place);
}
