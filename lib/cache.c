/*
 * Redis, through hiredis. The one wrapper that knows it.
 */
#include "lib/cache.h"

#include "lib/clock.h"
#include "lib/log.h"

#include <hiredis/hiredis.h>

enum { RETRY_MS = 250 };

struct cache {
	redisContext *link;
	const char *address, *password;
	int64_t wait_ns, retry_at_ns;
	char trouble[160];
};

struct cache *
cache_new(const char *address, const char *password, int64_t wait_ns)
{
	struct cache *c = calloc(1, sizeof(*c));

	if (!c)
		die(EXIT_FAILURE, "no memory for a connection to Redis");
	c->address = address;
	c->password = password;
	c->wait_ns = wait_ns;
	return c;
}

static void
hang_up(struct cache *c)
{
	redisFree(c->link);
	c->link = NULL;
}

void
cache_free(struct cache *c)
{
	if (!c)
		return;
	hang_up(c);
	free(c);
}

/* Splits "host:port"; an IPv6 host has its own colons, the last one counts. */
static bool
host_and_port(const char *address, char *host, size_t size, int *port)
{
	const char *colon = strrchr(address, ':');
	uint64_t number;

	if (!colon || colon == address || (size_t)(colon - address) >= size ||
	    !str_to_u64(str_of(colon + 1), &number) || number == 0 ||
	    number > 65535)
		return false;
	memcpy(host, address, (size_t)(colon - address));
	host[colon - address] = '\0';
	*port = (int)number;
	return true;
}

static const char unix_prefix[] = "unix:";

static const char *
unix_path(const char *address)
{
	size_t n = sizeof(unix_prefix) - 1;

	return strncmp(address, unix_prefix, n) == 0 ? address + n : NULL;
}

const char *
cache_address_problem(const char *address)
{
	const char *path = unix_path(address);
	char host[256];
	int port;

	if (path)
		return path[0] == '/' ? NULL : "unix: needs an absolute path";
	return host_and_port(address, host, sizeof(host), &port)
	    ? NULL
	    : "must be unix:/path or host:port";
}

static redisContext *
dial(const char *address, struct timeval wait)
{
	const char *path = unix_path(address);
	char host[256];
	int port;

	if (path)
		return redisConnectUnixWithTimeout(path, wait);
	if (!host_and_port(address, host, sizeof(host), &port))
		return NULL;
	return redisConnectWithTimeout(host, port, wait);
}

static bool
give_up(struct cache *c, const char *why)
{
	snprintf(c->trouble, sizeof(c->trouble), "%s", why);
	hang_up(c);
	c->retry_at_ns = clock_mono_ns() + RETRY_MS * NS_PER_MS;
	return false;
}

/* What is left until the deadline, but no more than a call may take. */
static struct timeval
patience(const struct cache *c, int64_t deadline_ns)
{
	int64_t left = deadline_ns - clock_mono_ns();

	if (left > c->wait_ns)
		left = c->wait_ns;
	/* Zero would mean for ever. */
	if (left < NS_PER_MS)
		left = NS_PER_MS;
	return (struct timeval){ .tv_sec = left / NS_PER_S,
		.tv_usec = left % NS_PER_S / NS_PER_US };
}

/* The answer is only looked at for its kind, so one call serves both uses. */
static bool
ask(struct cache *c, int64_t deadline_ns, int argc, const char **argv)
{
	redisReply *reply;
	bool fine;

	redisSetTimeout(c->link, patience(c, deadline_ns));
	reply = redisCommandArgv(c->link, argc, argv, NULL);
	fine = reply && reply->type == REDIS_REPLY_STATUS;
	if (!fine)
		give_up(c, reply && reply->str ? reply->str : c->link->errstr);
	freeReplyObject(reply);
	return fine;
}

static bool
connected(struct cache *c, int64_t deadline_ns)
{
	if (c->link)
		return true;
	if (clock_mono_ns() < c->retry_at_ns)
		return false;
	c->link = dial(c->address, patience(c, deadline_ns));
	if (!c->link)
		return give_up(c, "no connection could be made");
	if (c->link->err)
		return give_up(c, c->link->errstr);
	if (c->password[0] == '\0')
		return true;
	return ask(c, deadline_ns, 2, (const char *[]){ "AUTH", c->password });
}

/*
 * A connection that Redis closed while it was idle fails at the first use:
 * that is no news of Redis's health, so a fresh one is asked before the answer.
 */
bool
cache_ping(struct cache *c, int64_t deadline_ns)
{
	static const char *ping[] = { "PING" };
	bool fresh = !c->link;

	if (!connected(c, deadline_ns))
		return false;
	if (ask(c, deadline_ns, 1, ping))
		return true;
	if (fresh || clock_mono_ns() >= deadline_ns)
		return false;
	c->retry_at_ns = 0;
	return connected(c, deadline_ns) && ask(c, deadline_ns, 1, ping);
}

const char *
cache_trouble(const struct cache *c)
{
	return c->trouble;
}
