// The next times of schedules by npm's cron-parser.
//
//     node next.mjs <QUESTIONS
//
// Reads lines of ZONE, SCHEDULE, AFTER and COUNT, separated by tabs, and prints the
// times of each on a line, or "refused" and its message, as t/time/next.c does.

import { readFileSync } from 'node:fs';
import { CronExpressionParser } from 'cron-parser';

function answer(zone, schedule, after, count) {
	const times = [];

	try {
		const parsed = CronExpressionParser.parse(schedule,
			{ currentDate: after, tz: zone });
		while (times.length < count)
			times.push(parsed.next().toDate().toISOString());
	} catch (error) {
		return `refused ${error.message}`;
	}
	return times.map(time => time.replace('.000Z', 'Z')).join(' ');
}

for (const line of readFileSync(0, 'utf8').trimEnd().split('\n')) {
	const [zone, schedule, after, count] = line.split('\t');
	console.log(answer(zone, schedule, after, Number(count)));
}
