/*
 * Redis, through hiredis. The one wrapper that knows it.
 */
#include "lib/cache/cache.h"

#include "lib/base/panic.h"
#include "lib/os/clock.h"
#include "lib/os/log.h"

#include <hiredis/hiredis.h>
#include <poll.h>

/*
 * A Redis that stands still costs a process one wait within a second, and one
 * that is back is found within a second too.
 */
enum { RETRY_MS = 900, TELL_AGAIN_S = 60 };

struct cache {
	redisContext *link;
	const char *address, *password;
	int64_t wait_ns, retry_at_ns;
	struct timeval patience; /* as the connection was told */
	bool is_away;            /* as far as this process knows */
	_Atomic int64_t own_told_ns, *told_ns;
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
	c->told_ns = &c->own_told_ns;
	return c;
}

void
cache_share_news(struct cache *c, _Atomic int64_t *told_ns)
{
	c->told_ns = told_ns;
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

static void
give_up(struct cache *c, const char *why)
{
	snprintf(c->trouble, sizeof(c->trouble), "%s", why);
	hang_up(c);
	c->retry_at_ns = clock_mono_ns() + RETRY_MS * NS_PER_MS;
}

/*
 * What is left until the deadline, in whole milliseconds, so that the usual
 * wait is the same each time; zero would mean for ever.
 */
static struct timeval
patience(int64_t deadline_ns)
{
	int64_t ms = clock_ms_left(deadline_ns);

	if (ms < 1)
		ms = 1;
	return (
	    struct timeval){ .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };
}

static void
be_patient(struct cache *c, int64_t deadline_ns)
{
	struct timeval t = patience(deadline_ns);

	if (memcmp(&t, &c->patience, sizeof(t)) == 0)
		return;
	c->patience = t;
	redisSetTimeout(c->link, t);
}

/* NULL where there was no answer; an answer may still be an error. */
static redisReply *
ask(struct cache *c, int64_t deadline_ns, int argc, const char **argv,
    const size_t *lengths)
{
	redisReply *reply;

	be_patient(c, deadline_ns);
	reply = redisCommandArgv(c->link, argc, argv, lengths);
	if (!reply)
		give_up(c, c->link->errstr);
	return reply;
}

/* For commands whose answer is looked at for its kind alone. */
static bool
is_granted(struct cache *c, int64_t deadline_ns, int argc, const char **argv)
{
	redisReply *reply = ask(c, deadline_ns, argc, argv, NULL);
	bool fine = reply && reply->type == REDIS_REPLY_STATUS;

	if (reply && !fine)
		give_up(c, reply->str ? reply->str : "an odd answer");
	freeReplyObject(reply);
	return fine;
}

/* What Redis closed while nobody used it is no news of its health. */
static void
drop_closed(struct cache *c)
{
	struct pollfd p = { .events = POLLIN | POLLRDHUP };

	if (!c->link)
		return;
	p.fd = c->link->fd;
	if (poll(&p, 1, 0) != 0)
		hang_up(c);
}

/* Not while it is left in peace: a second, after each time that it failed. */
static bool
is_asked(const struct cache *c)
{
	return c->link || clock_mono_ns() >= c->retry_at_ns;
}

static bool
connected(struct cache *c, int64_t deadline_ns)
{
	drop_closed(c);
	if (c->link)
		return true;
	if (!is_asked(c))
		return false;
	c->patience = patience(deadline_ns);
	c->link = dial(c->address, c->patience);
	if (!c->link || c->link->err) {
		give_up(c,
		    c->link ? c->link->errstr : "no connection could be made");
		return false;
	}
	redisSetTimeout(c->link, c->patience);
	return c->password[0] == '\0' ||
	    is_granted(c, deadline_ns, 2,
		(const char *[]){ "AUTH", c->password });
}

/* No later than the deadline, and no longer than a call may take. */
static int64_t
sooner(const struct cache *c, int64_t deadline_ns)
{
	int64_t own = clock_mono_ns() + c->wait_ns;

	return own < deadline_ns ? own : deadline_ns;
}

bool
cache_ping(struct cache *c, int64_t deadline_ns)
{
	int64_t until = sooner(c, deadline_ns);

	return connected(c, until) &&
	    is_granted(c, until, 1, (const char *[]){ "PING" });
}

void
cache_urge(struct cache *c)
{
	c->retry_at_ns = 0;
}

/* Redis names a script by a digest of its text, and tells it. */
static bool
load(struct cache *c, int64_t deadline_ns, struct cache_script *script)
{
	redisReply *reply = ask(c, deadline_ns, 3,
	    (const char *[]){ "SCRIPT", "LOAD", script->text }, NULL);
	bool fine = reply && reply->type == REDIS_REPLY_STRING &&
	    reply->len < sizeof(script->sha);

	if (fine)
		memcpy(script->sha, reply->str, reply->len + 1);
	else if (reply)
		give_up(c, reply->str ? reply->str : "an odd answer");
	freeReplyObject(reply);
	return fine;
}

static redisReply *
evaluate(struct cache *c, int64_t deadline_ns, const struct cache_call *call)
{
	size_t argc = 3 + call->n_in;
	const char **argv = calloc(argc, sizeof(*argv));
	size_t *lengths = calloc(argc, sizeof(*lengths));
	redisReply *reply = NULL;
	char n_keys[24];
	int n = snprintf(n_keys, sizeof(n_keys), "%zu", call->n_keys);

	if (argv && lengths) {
		argv[0] = "EVALSHA";
		argv[1] = call->script->sha;
		argv[2] = n_keys;
		lengths[0] = strlen(argv[0]);
		lengths[1] = strlen(argv[1]);
		lengths[2] = (size_t)n;
		for (size_t i = 0; i < call->n_in; i++) {
			argv[3 + i] = call->in[i].p;
			lengths[3 + i] = call->in[i].n;
		}
		reply = ask(c, deadline_ns, (int)argc, argv, lengths);
	}
	free(argv);
	free(lengths);
	return reply;
}

/* A Redis that was restarted has forgotten every script. */
static redisReply *
run_script(struct cache *c, int64_t deadline_ns, const struct cache_call *call)
{
	redisReply *reply;

	if (call->script->sha[0] == '\0' && !load(c, deadline_ns, call->script))
		return NULL;
	reply = evaluate(c, deadline_ns, call);
	if (!reply || reply->type != REDIS_REPLY_ERROR ||
	    !str_starts(str_of(reply->str), STR("NOSCRIPT")))
		return reply;
	freeReplyObject(reply);
	return load(c, deadline_ns, call->script)
	    ? evaluate(c, deadline_ns, call)
	    : NULL;
}

static bool
take_value(struct arena *mem, const redisReply *from, struct cache_value *to)
{
	*to = (struct cache_value){ 0 };
	if (from->type == REDIS_REPLY_INTEGER) {
		to->n = from->integer;
		return true;
	}
	if (from->type != REDIS_REPLY_STRING || !mem)
		return false;
	to->text.p = arena_copy(mem, from->str, from->len);
	to->text.n = from->len;
	return to->text.p != NULL;
}

static bool
take_values(struct arena *mem, const redisReply *reply,
    const struct cache_call *call)
{
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != call->n_out)
		return false;
	for (size_t i = 0; i < call->n_out; i++)
		if (!take_value(mem, reply->element[i], &call->out[i]))
			return false;
	return true;
}

/*
 * A line when it goes, one a minute while it is away, one when it is back: from
 * whoever notices first, of all that share the news. Who has not asked has none.
 */
static void
tell(struct cache *c, bool is_there)
{
	int64_t told = *c->told_ns, now = clock_mono_ns();
	bool is_due = !told || now - told >= TELL_AGAIN_S * NS_PER_S;

	if (is_there && c->is_away && atomic_exchange(c->told_ns, 0))
		log_event(LOG_INFO, "redis_back", "Redis answers again");
	if (!is_there && is_due &&
	    atomic_compare_exchange_strong(c->told_ns, &told, now))
		log_event(LOG_WARN, "redis_away", "%s", c->trouble);
	c->is_away = !is_there;
}

bool
cache_call(struct cache *c, struct arena *mem, const struct cache_call *call)
{
	int64_t until = clock_mono_ns() + c->wait_ns;
	redisReply *reply;
	bool fine;

	if (!is_asked(c))
		return false;
	reply = connected(c, until) ? run_script(c, until, call) : NULL;
	fine = reply && take_values(mem, reply, call);
	if (reply && !fine)
		give_up(c, reply->str ? reply->str : "an odd answer");
	freeReplyObject(reply);
	tell(c, fine);
	return fine;
}

const char *
cache_trouble(const struct cache *c)
{
	return c->trouble;
}
