// zones: time zones, and times in them.

import { secondsUntil } from "../clock.js";
import { make } from "../dom.js";

const mostDays = 300; // without the year

export function localZone() {
	return Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC";
}

export function zoneOptions() {
	const names = Intl.supportedValuesOf("timeZone");

	return ["UTC", ...names.filter((name) => name !== "UTC")]
		.map((value) => make("option", { value }));
}

// A function that writes a time: "Sun, 1 Feb, 02:30". year: "numeric", or undefined.
function writerIn(timeZone, year) {
	const format = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric",
		month: "short", year, hour: "2-digit", minute: "2-digit",
		hourCycle: "h23", timeZone });

	return (time) => format.format(new Date(time));
}

// As the server reckoned, because a browser may not know the zone: "Sun, 1 Feb, 02:30
// +01:00". local: "2026-02-01T02:30:00+01:00".
function jobsTime({ local }, write) {
	const offset = local.slice(19);

	return `${write(`${local.slice(0, 19)}Z`)} ${
		/^(Z|[+-]00:00)$/.test(offset) ? "UTC" : offset}`;
}

// Whether the times need their year to be told apart.
function isFar(times) {
	return secondsUntil(times.at(-1)?.at) > mostDays * 86400;
}

// Times of a preview in the zone of the job, and in that of the viewer if it is another
// one.
export function timesTable(times, zone, caption) {
	const local = localZone();
	const year = isFar(times) ? "numeric" : undefined;
	const [writeUtc, writeOwn] = ["UTC", local].map((one) => writerIn(one, year));
	const columns = [[zone, (time) => jobsTime(time, writeUtc)], ...local === zone ? []
		: [[`Your time, ${local}`, ({ at }) => writeOwn(at)]]];

	return make("table", { class: "times" },
		make("caption", {}, caption),
		make("thead", {}, make("tr", {}, ...columns.map(([name]) =>
			make("th", { scope: "col" }, name)))),
		make("tbody", {}, ...times.map((time) => make("tr", {},
			...columns.map(([, format]) => make("td", {}, format(time)))))));
}
