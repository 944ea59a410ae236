/*
 * Redis by hiredis. After a failure the connection waits before it tries again,
 * so that a Redis that hangs does not delay every request.
 */
#include "lib/cache/cache.h"

#include "lib/base/panic.h"
#include "lib/os/clock.h"
#include "lib/os/log.h"

#include <hiredis/hiredis.h>
#include <poll.h>

/* Below a second, so that a Redis that is back is found within a second. */
enum { RETRY_MS = 900, LOG_AGAIN_S = 60 };

struct cache {
	redisContext *link;
	const char *address, *password;
	int64_t wait_ns, retry_at_ns;
	struct timeval timeout; /* that is set on the connection */
	bool is_down;           /* as far as this process knows */
	_Atomic int64_t own_logged_ns, *logged_ns;
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
	c->logged_ns = &c->own_logged_ns;
	return c;
}

void
cache_share_log(struct cache *c, _Atomic int64_t *logged_ns)
{
	c->logged_ns = logged_ns;
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

/* Splits "host:port" at the last colon: an IPv6 address has colons too. */
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
 * The time left, rounded to milliseconds so that it is mostly the same and need
 * not be set again. Zero would mean no timeout.
 */
static struct timeval
timeout_until(int64_t deadline_ns)
{
	int64_t ms = clock_ms_left(deadline_ns);

	if (ms < 1)
		ms = 1;
	return (
	    struct timeval){ .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };
}

static void
set_timeout(struct cache *c, int64_t deadline_ns)
{
	struct timeval t = timeout_until(deadline_ns);

	if (memcmp(&t, &c->timeout, sizeof(t)) == 0)
		return;
	c->timeout = t;
	redisSetTimeout(c->link, t);
}

/* NULL without an answer; an answer may still be an error. */
static redisReply *
ask(struct cache *c, int64_t deadline_ns, int argc, const char **argv,
    const size_t *lengths)
{
	redisReply *reply;

	set_timeout(c, deadline_ns);
	reply = redisCommandArgv(c->link, argc, argv, lengths);
	if (!reply)
		give_up(c, c->link->errstr);
	return reply;
}

/* For commands that answer with a status. */
static bool
succeeds(struct cache *c, int64_t deadline_ns, int argc, const char **argv)
{
	redisReply *reply = ask(c, deadline_ns, argc, argv, NULL);
	bool fine = reply && reply->type == REDIS_REPLY_STATUS;

	if (reply && !fine)
		give_up(c, reply->str ? reply->str : "an unexpected answer");
	freeReplyObject(reply);
	return fine;
}

/* Redis may close an idle connection; that is no failure. */
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

/* False while it backs off after a failure. */
static bool
may_try(const struct cache *c)
{
	return c->link || clock_mono_ns() >= c->retry_at_ns;
}

static bool
connected(struct cache *c, int64_t deadline_ns)
{
	drop_closed(c);
	if (c->link)
		return true;
	if (!may_try(c))
		return false;
	c->timeout = timeout_until(deadline_ns);
	c->link = dial(c->address, c->timeout);
	if (!c->link || c->link->err) {
		give_up(c, c->link ? c->link->errstr : "cannot connect");
		return false;
	}
	redisSetTimeout(c->link, c->timeout);
	return c->password[0] == '\0' ||
	    succeeds(c, deadline_ns, 2,
		(const char *[]){ "AUTH", c->password });
}

/* The deadline, or the end of the longest call if that is sooner. */
static int64_t
call_deadline(const struct cache *c, int64_t deadline_ns)
{
	int64_t own = clock_mono_ns() + c->wait_ns;

	return own < deadline_ns ? own : deadline_ns;
}

bool
cache_ping(struct cache *c, int64_t deadline_ns)
{
	int64_t until = call_deadline(c, deadline_ns);

	return connected(c, until) &&
	    succeeds(c, until, 1, (const char *[]){ "PING" });
}

void
cache_retry_now(struct cache *c)
{
	c->retry_at_ns = 0;
}

/* Redis answers with the digest that names the script from then on. */
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
		give_up(c, reply->str ? reply->str : "an unexpected answer");
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

/* Redis loses all scripts when it restarts. */
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
 * Logs when Redis becomes unavailable, once a minute while it stays so, and
 * when it is back. The first connection to notice logs for all that share
 * logged_ns.
 */
static void
log_state(struct cache *c, bool is_there)
{
	int64_t logged = *c->logged_ns, now = clock_mono_ns();
	bool is_due = !logged || now - logged >= LOG_AGAIN_S * NS_PER_S;

	if (is_there && c->is_down && atomic_exchange(c->logged_ns, 0))
		log_event(LOG_INFO, "redis_back", "Redis answers again");
	if (!is_there && is_due &&
	    atomic_compare_exchange_strong(c->logged_ns, &logged, now))
		log_event(LOG_WARN, "redis_away", "%s", c->trouble);
	c->is_down = !is_there;
}

bool
cache_call(struct cache *c, struct arena *mem, const struct cache_call *call)
{
	int64_t until = clock_mono_ns() + c->wait_ns;
	redisReply *reply;
	bool fine;

	if (!may_try(c))
		return false;
	reply = connected(c, until) ? run_script(c, until, call) : NULL;
	fine = reply && take_values(mem, reply, call);
	if (reply && !fine)
		give_up(c, reply->str ? reply->str : "an unexpected answer");
	freeReplyObject(reply);
	log_state(c, fine);
	return fine;
}

const char *
cache_trouble(const struct cache *c)
{
	return c->trouble;
}

/* --- A connection that listens ------------------------------------------- */

bool
cache_subscribe(struct cache *c, const char *channel)
{
	int64_t until = clock_mono_ns() + c->wait_ns;
	redisReply *reply = NULL;
	bool fine;

	hang_up(c);
	c->retry_at_ns = 0;
	if (connected(c, until))
		reply = ask(c, until, 2,
		    (const char *[]){ "SUBSCRIBE", channel }, NULL);
	fine = reply && reply->type == REDIS_REPLY_ARRAY;
	if (reply && !fine)
		give_up(c, reply->str ? reply->str : "an odd answer");
	freeReplyObject(reply);
	return fine;
}

int
cache_socket(const struct cache *c)
{
	return c->link ? c->link->fd : -1;
}

bool
cache_send_ping(struct cache *c)
{
	int done = 0;

	if (!c->link || redisAppendCommand(c->link, "PING") != REDIS_OK)
		return false;
	while (!done)
		if (redisBufferWrite(c->link, &done) != REDIS_OK) {
			give_up(c, c->link->errstr);
			return false;
		}
	return true;
}

static bool
is_readable(const struct cache *c)
{
	struct pollfd p = { .fd = c->link->fd, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

/* A subscriber receives ["message", channel, text] and ["pong", ""] only. */
static enum cache_event
event_of(const redisReply *reply, struct arena *mem, struct str *message)
{
	const redisReply *kind, *text;

	if (reply->type != REDIS_REPLY_ARRAY || reply->elements < 2)
		return CACHE_LOST;
	kind = reply->element[0];
	text = reply->element[reply->elements - 1];
	if (strcmp(kind->str, "pong") == 0)
		return CACHE_PONG;
	if (strcmp(kind->str, "message") != 0)
		return CACHE_NOTHING;
	message->p = arena_copy(mem, text->str, text->len);
	message->n = text->len;
	return message->p ? CACHE_MESSAGE : CACHE_LOST;
}

enum cache_event
cache_receive(struct cache *c, struct arena *mem, struct str *message)
{
	enum cache_event event = CACHE_NOTHING;
	void *reply = NULL;

	if (!c->link)
		return CACHE_LOST;
	if (redisGetReplyFromReader(c->link, &reply) != REDIS_OK ||
	    (!reply && is_readable(c) &&
		(redisBufferRead(c->link) != REDIS_OK ||
		    redisGetReplyFromReader(c->link, &reply) != REDIS_OK))) {
		give_up(c, c->link->errstr);
		return CACHE_LOST;
	}
	if (!reply)
		return CACHE_NOTHING;
	event = event_of(reply, mem, message);
	freeReplyObject(reply);
	if (event == CACHE_LOST)
		give_up(c, "an odd message");
	return event;
}
