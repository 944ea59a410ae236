/*
 * The listener subscribes to one channel of Redis. It sends a ping several
 * times a second: Redis answers in order, so the answer proves that everything
 * published before the ping has been received. Without that proof leases are
 * not used.
 */
#include "fcgi/serve/listener.h"

#include "fcgi/db/db.h"
#include "fcgi/identity/revocation_stamp.h"
#include "fcgi/options.h"
#include "lib/base/arena.h"
#include "lib/base/panic.h"
#include "lib/cache/cache.h"
#include "lib/crypto/crypt.h"
#include "lib/os/clock.h"
#include "lib/shm/epoch.h"
#include "lib/shm/scoreboard.h"

#include <unistd.h>

enum { PING_MS = 250, MEMORY_MAX = 16 << 20, HOST = 16 };

struct listener {
	const struct process *process;
	struct db *db;         /* to publish to other hosts */
	struct cache *channel; /* the subscription */
	struct arena *mem;
	int epoll; /* -1: not subscribed */
	int64_t pinged_ns, ping_at_ns;
	bool is_ping_open;
	char host[2 * HOST + 1]; /* a random name */
};

static void
open_listener(struct listener *l, const struct process *process)
{
	const struct options *opts = process->opts;
	uint8_t random[HOST];

	process_begin(process);
	*l = (struct listener){
		.process = process,
		.db = db_new(opts, process->pool->role, process->pool->name),
		.channel = cache_new(opts->redis, opts->redis_password,
		    opts->redis_timeout),
		.mem = arena_must_new(MEMORY_MAX),
		.epoll = -1,
	};
	if (!crypt_random(random, sizeof(random)))
		die(EXIT_FAILURE, "no random bytes");
	crypt_hex(random, sizeof(random), l->host);
	db_share_scoreboard(l->db, process->scoreboard);
}

static void
close_listener(struct listener *l)
{
	if (l->epoll >= 0)
		close(l->epoll);
	cache_free(l->channel);
	db_free(l->db);
	arena_free(l->mem);
}

static void
disconnect(struct listener *l)
{
	if (l->epoll >= 0)
		close(l->epoll);
	l->epoll = -1;
}

/* Earlier messages may have been missed: any credential may have changed. */
static bool
subscribe(struct listener *l)
{
	if (!revocation_listen(l->db, l->host) ||
	    !cache_subscribe(l->channel, REVOCATION_CHANNEL))
		return false;
	epoch_bump_all(l->process->epochs);
	l->epoll = process_epoll(l->process, cache_socket(l->channel));
	l->is_ping_open = false;
	return true;
}

static void
send_ping(struct listener *l)
{
	int64_t now = clock_mono_ns();

	if (now < l->ping_at_ns)
		return;
	l->ping_at_ns = now + PING_MS * NS_PER_MS;
	if (!revocation_listen(l->db, l->host) || l->is_ping_open)
		return;
	l->pinged_ns = now;
	l->is_ping_open = cache_send_ping(l->channel);
	if (!l->is_ping_open)
		disconnect(l);
}

static void
receive_all(struct listener *l)
{
	struct str message;

	for (;;) {
		switch (cache_receive(l->channel, l->mem, &message)) {
		case CACHE_MESSAGE:
			revocation_hear(l->db, l->process->epochs, message);
			arena_reset(l->mem);
			break;
		case CACHE_PONG:
			epochs_heard(l->process->epochs, l->pinged_ns);
			l->is_ping_open = false;
			break;
		case CACHE_LOST:
			disconnect(l);
			return;
		case CACHE_NOTHING:
			return;
		}
	}
}

/* Waits for the supervisor alone, until Redis may be tried again. */
static void
wait_without_redis(const struct listener *l)
{
	int epoll = process_epoll(l->process, -1);

	process_wait(l->process, epoll, clock_mono_ns() + PING_MS * NS_PER_MS);
	close(epoll);
}

void
listener_run(const struct process *process)
{
	struct listener l;

	open_listener(&l, process);
	scoreboard_enter(process->slot, STAGE_IDLE, -1);
	while (!process_is_ending()) {
		if (l.epoll < 0 && !subscribe(&l)) {
			wait_without_redis(&l);
			continue;
		}
		send_ping(&l);
		if (l.epoll < 0)
			continue;
		process_wait(process, l.epoll, l.ping_at_ns);
		receive_all(&l);
	}
	close_listener(&l);
	process_end(process);
}
