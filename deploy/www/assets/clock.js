// clock: the time by the clock of the server, which decides what is over. That of
// the machine that shows the pages may be wrong.

// How far it is ahead of ours, in milliseconds.
let ahead = 0;

// date: as an answer has it that comes just now.
export function heard(date) {
	const time = Date.parse(date);

	if (time)
		ahead = time - Date.now();
}

export function now() {
	return Date.now() + ahead;
}

// Seconds until then; fewer than none: since then.
export function secondsUntil(time) {
	return (new Date(time) - now()) / 1000;
}
