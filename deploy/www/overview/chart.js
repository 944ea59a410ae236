// chart: bars, drawn on a canvas by Chart.js, which comes when the page has been
// painted. It is a classic script that leaves a global; a server that has it not
// has none to give, and then there is no chart.

import { make } from "../dom.js";

const source = "/assets/vendor/chart.min.js";
const dark = matchMedia("(prefers-color-scheme: dark)");
const still = matchMedia("(prefers-reduced-motion: reduce)");

let library = null;
let shown = null;

function painted() {
	return new Promise((go) => requestAnimationFrame(() => setTimeout(go)));
}

async function fetchLibrary() {
	await painted();
	return new Promise((done) => {
		const end = () => done(window.Chart ?? null);

		document.head.append(make("script", { src: source, onload: end,
			onerror: end }));
	});
}

function colour(name) {
	return getComputedStyle(document.documentElement).getPropertyValue(name);
}

// A part of a bar that is nothing is left out; one that is little is seen.
function datasets({ days, series }) {
	return series.map(({ name, tint, of }) => ({
		label: name,
		data: days.map((day) => of(day) || null),
		backgroundColor: colour(tint),
		borderRadius: 2,
		minBarLength: 2,
		maxBarThickness: 28,
		categoryPercentage: 0.9,
		barPercentage: 0.85,
	}));
}

function scales({ write }) {
	const text = { color: colour("--soft"), maxRotation: 0, autoSkipPadding: 16 };

	return {
		x: { stacked: true, ticks: text,
			grid: { display: false, borderColor: colour("--edge") } },
		y: { stacked: true, beginAtZero: true,
			ticks: { ...text, precision: 0, maxTicksLimit: 5, callback: write },
			grid: { color: colour("--line"), drawBorder: false,
				drawTicks: false } },
	};
}

function tooltip({ write }) {
	return {
		backgroundColor: colour("--ink"),
		titleColor: colour("--paper"),
		bodyColor: colour("--paper"),
		multiKeyBackground: colour("--ink"),
		padding: 12,
		boxPadding: 6,
		callbacks: {
			label: ({ dataset, raw }) => `${dataset.label}: ${write(raw)}`,
		},
	};
}

function settings(what) {
	return {
		type: "bar",
		data: { labels: what.labels, datasets: datasets(what) },
		options: {
			animation: still.matches ? false : { duration: 250 },
			maintainAspectRatio: false,
			interaction: { mode: "index", intersect: false },
			scales: scales(what),
			font: { family: getComputedStyle(document.body).fontFamily },
			plugins: { legend: { display: false }, tooltip: tooltip(what) },
		},
	};
}

function paint() {
	shown.chart?.destroy();
	shown.chart = new shown.Chart(shown.canvas, settings(shown.what));
}

// Draws on the canvas, in the place of the last chart. what: days; their labels;
// series, each with name, tint and of(day); write, which says a number. Resolves
// to whether there is a chart.
export async function drawChart(canvas, what) {
	library ??= fetchLibrary();
	const Chart = await library;

	if (!Chart || !canvas.isConnected)
		return Chart !== null;
	shown?.chart?.destroy();
	shown = { Chart, canvas, what, chart: null };
	paint();
	return true;
}

dark.addEventListener("change", () => {
	if (shown?.canvas.isConnected)
		paint();
});
