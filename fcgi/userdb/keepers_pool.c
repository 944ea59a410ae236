/*
 * The options of the spawner. When it drains, open streams may go on for as long as
 * an idle stream.
 */
#include "fcgi/userdb/keepers_pool.h"

#include "fcgi/userdb/options.h"
#include "fcgi/userdb/schema.h"
#include "lib/lite/spawner.h"

void
keepers_become(const struct conf *conf, int listener, int control)
{
	const struct options *all = options_of(conf);
	const struct userdb_options *o = ROOM_OPTIONS(userdb, conf);
	struct spawner_options options = {
		.level = LOG_INFO,
		.keepers = o->keepers,
		.memory = o->keeper_memory,
		.file = o->file_max,
		.idle_ns = o->keeper_idle,
		.drain_ns = o->stream_idle,
		.bounds = {
			.statement_ns = o->statement_timeout,
			.lock_ns = o->lock_timeout,
			.idle_ns = o->stream_idle,
			.heap = o->heap,
			.result = o->result_max,
			.streams = (unsigned)o->streams,
			.waiters = (unsigned)o->workers - 1,
		},
	};

	snprintf(options.folder, sizeof(options.folder), "%s", o->folder);
	snprintf(options.log, sizeof(options.log), "%s", all->log);
	(void)!log_level_of(str_of(all->log_level), &options.level);
	spawner_become(listener, control, &options);
}

void
keepers_main(void)
{
	spawner_run(&userdb_schema);
}
