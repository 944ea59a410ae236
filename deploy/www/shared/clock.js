// clock: the time by the clock of the server, which decides what is over. That of
// the machine that shows the pages may be wrong.

// How far it is ahead of ours, in milliseconds.
let ahead = 0;

// An answer tells whole seconds, and was under way: less than this is no difference.
const least = 2000;

// date: as an answer has it that comes just now.
export function heard(date) {
	const difference = Date.parse(date) - Date.now();

	if (date)
		ahead = Math.abs(difference) < least ? 0 : difference;
}

export function now() {
	return Date.now() + ahead;
}

// Seconds until then; fewer than none: since then.
export function secondsUntil(time) {
	return (new Date(time) - now()) / 1000;
}
