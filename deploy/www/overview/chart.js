// chart: a bar chart on a canvas, drawn by Chart.js. The library is loaded after the
// first paint. It is a classic script that defines a global. If the server does not
// have it, the file is empty and there is no chart.

import { make } from "../dom.js";

const source = "/assets/vendor/chart.min.js";

// Pixels for the label of a day and the space around it.
const labelWidth = 60;

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

// Zero values are left out, and small ones are at least 2 pixels high.
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

// Labels every n-th day, counted back from today: the library would count from the
// first day and often leave today, the only bar of a new account, without a label.
function dayLabel(labels) {
	return function (value, i) {
		const step = Math.ceil(labels.length * labelWidth / this.chart.width);

		return (labels.length - 1 - i) % step === 0 ? labels[i] : null;
	};
}

function scales({ labels, write }) {
	const text = { color: colour("--soft"), maxRotation: 0 };

	return {
		x: { stacked: true, ticks: { ...text, autoSkip: false,
			callback: dayLabel(labels) },
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

// Draws a chart on the canvas, in place of the last one. what: days, their labels,
// series with name, tint and of(day), and write(number), which formats a number.
// Resolves to whether the library is available.
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
