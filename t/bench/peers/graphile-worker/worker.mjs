// A process of graphile-worker whose task does nothing, with what its documentation
// recommends for speed: a local queue, and completions in batches. At the end of its
// input it prints how many jobs it ran, and when the first began and the last ended.
//
//     node worker.mjs CONNECTION_STRING SCHEMA
import { Logger, run } from 'graphile-worker';

const [connectionString, schema] = process.argv.slice(2);
const said = { jobs: 0, first: 0, last: 0 };

const runner = await run({
	taskList: {
		none: async () => {
			said.first ||= Date.now();
			said.last = Date.now();
			said.jobs++;
		},
	},
	preset: {
		worker: {
			connectionString,
			schema,
			concurrentJobs: 24,
			maxPoolSize: 24,
			pollInterval: 1000,
			localQueue: { size: 500 },
			completeJobBatchDelay: 0,
			failJobBatchDelay: 0,
			logger: new Logger(() => () => {}),
		},
	},
	noHandleSignals: true,
});

console.log('ready');
process.stdin.resume();
process.stdin.on('end', async () => {
	await runner.stop();
	console.log(JSON.stringify(said));
	process.exit(0);
});
