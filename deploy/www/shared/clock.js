// clock: the server's time. The server decides what has expired, and the clock of
// the user's machine may be wrong.

// How far the server's clock is ahead of ours, in milliseconds.
let ahead = 0;

// The Date header has whole seconds and is delayed by the network: a difference
// below this is ignored.
const least = 2000;

// date: the Date header of an answer that has just arrived.
export function syncClock(date) {
	const difference = Date.parse(date) - Date.now();

	if (date)
		ahead = Math.abs(difference) < least ? 0 : difference;
}

export function now() {
	return Date.now() + ahead;
}

// Seconds until that time; negative if it has passed.
export function secondsUntil(time) {
	return (new Date(time) - now()) / 1000;
}
