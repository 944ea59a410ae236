// format: numbers, sizes and times as text. Times are UTC, as in the API.

import { secondsUntil } from "./clock.js";

const whole = new Intl.NumberFormat("en");
const day = new Intl.DateTimeFormat("en", {
	day: "numeric", month: "short", timeZone: "UTC",
});
const minute = new Intl.DateTimeFormat("en-GB", {
	day: "numeric", month: "long", year: "numeric", hour: "2-digit",
	minute: "2-digit", hourCycle: "h23", timeZone: "UTC",
});
const second = new Intl.DateTimeFormat("en-GB", {
	day: "numeric", month: "short", hour: "2-digit", minute: "2-digit",
	second: "2-digit", hourCycle: "h23", timeZone: "UTC",
});
// Unit, its length in seconds, and the number of units from which it is used.
const steps = [
	["year", 31536000, 2], ["month", 2592000, 2], ["day", 86400, 1],
	["hour", 3600, 1], ["minute", 60, 1],
];

export function count(n) {
	return whole.format(n);
}

export function counted(n, word) {
	return `${count(n)} ${word}${n === 1 ? "" : "s"}`;
}

// Decimal units, as in the plans.
export function bytes(n) {
	const units = ["B", "kB", "MB", "GB", "TB"];
	let unit = 0;

	while (n >= 1000 && unit < units.length - 1) {
		n /= 1000;
		unit++;
	}
	const digits = unit && n < 10 && n % 1 ? 1 : 0;
	return `${n.toFixed(digits)} ${units[unit]}`;
}

export function date(text) {
	return day.format(new Date(text));
}

// "31 January 2034 at 12:00 UTC".
export function moment(text) {
	return `${minute.format(new Date(text))} UTC`;
}

// "31 Jan, 12:00:05 UTC", of a time that is not long ago.
export function instant(text) {
	return `${second.format(new Date(text))} UTC`;
}

// "in 3 hours", "2 days ago", "just now". The time is rounded before the unit is
// chosen, so that 59.6 minutes are an hour.
export function relative(text) {
	const seconds = Math.round(secondsUntil(text));
	const words = new Intl.RelativeTimeFormat("en");

	for (const [i, [unit, size, from]] of steps.entries()) {
		const finer = steps[i + 1]?.[1] ?? 1;
		const rounded = Math.round(Math.abs(seconds) / finer) * finer;

		if (rounded >= size * from)
			return words.format(Math.round(seconds / size), unit);
	}
	return seconds > 0 ? "in less than a minute" : "just now";
}

export function duration(seconds) {
	const n = Math.max(1, Math.ceil(seconds));

	if (n < 120)
		return counted(n, "second");
	return n < 7200 ? counted(Math.ceil(n / 60), "minute")
		: counted(Math.ceil(n / 3600), "hour");
}
