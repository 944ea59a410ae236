// chart: thirty days as bars, drawn as SVG in the page, and the same numbers as
// a table for whoever would rather read them.

import { make, makeSvg } from "./dom.js";
import { count, counted, date } from "./format.js";

const height = 160;
const step = 20;
const bar = 14;

// Of a day's requests, what each colour counts.
const kinds = [
	{ name: "Served", class: "ok", of: (o) => o.ok },
	{ name: "Refused", class: "refused", of: (o) => o.client_error },
	{ name: "Over a limit", class: "limited",
		of: (o) => o.rate_limited + o.quota_exceeded },
	{ name: "Failed here", class: "failed", of: (o) => o.server_error },
];

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);

function partsOf(day) {
	return kinds.map((kind) => ({ ...kind, n: kind.of(day.outcomes) }));
}

// The least of 1, 2 and 5 with zeros that no bar rises above.
function ceiling(most) {
	let unit = 1;

	for (;;) {
		for (const factor of [1, 2, 5])
			if (factor * unit >= most)
				return factor * unit;
		unit *= 10;
	}
}

// What is there is seen: no part is thinner than a pixel or so.
function drawDay(day, index, top) {
	const group = makeSvg("g", { class: "day" },
		makeSvg("title", {}, `${date(day.date)}: `
			+ counted(day.requests, "request")),
		makeSvg("rect", { class: "column", x: index * step, y: 0,
			width: step, height }));
	let y = height;

	for (const part of partsOf(day)) {
		if (part.n === 0)
			continue;
		const h = Math.max(1.5, part.n / top * height);
		y -= h;
		group.append(makeSvg("rect", { class: part.class,
			x: index * step + (step - bar) / 2, y, width: bar,
			height: h }));
	}
	return group;
}

function legend(days) {
	return make("ul", { class: "legend" }, ...kinds.map((kind) => {
		const n = sum(days.map((day) => kind.of(day.outcomes)));

		return make("li", { class: kind.class }, `${kind.name} `,
			make("b", {}, count(n)));
	}));
}

function table(days) {
	const heads = ["Day", "Requests", ...kinds.map((kind) => kind.name)];
	const rows = [...days].reverse().map((day) => make("tr", {},
		make("th", { scope: "row" }, date(day.date)),
		make("td", {}, count(day.requests)),
		...partsOf(day).map((part) => make("td", {}, count(part.n)))));

	return make("details", {},
		make("summary", {}, "As a table"),
		make("div", { class: "scroll", tabindex: 0, role: "region",
			"aria-label": "Requests by day" },
		make("table", {},
			make("thead", {}, make("tr", {}, ...heads.map((head) =>
				make("th", { scope: "col" }, head)))),
			make("tbody", {}, ...rows))));
}

// days: rows of the usage history in one mode, the oldest first.
export function usageChart(days) {
	const total = sum(days.map((day) => day.requests));
	const top = ceiling(Math.max(1, ...days.map((day) => day.requests)));
	const svg = makeSvg("svg", {
		viewBox: `0 0 ${days.length * step} ${height}`,
		preserveAspectRatio: "none",
		role: "img",
		"aria-label": `${counted(total, "request")} in`
			+ ` ${counted(days.length, "day")}`,
	}, ...days.map((day, index) => drawDay(day, index, top)));

	return make("div", { class: "chart" },
		legend(days),
		make("p", { class: "scale", "aria-hidden": "true" },
			make("span", {}, count(top))),
		svg,
		make("p", { class: "ends", "aria-hidden": "true" },
			make("span", {}, date(days[0].date)),
			make("span", {}, "Today")),
		table(days));
}
