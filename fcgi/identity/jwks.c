/*
 * The worker's side: a copy of the set, which is reloaded when the file
 * changes, and the request for a new fetch.
 */
#include "fcgi/identity/jwks_impl.h"

#include "fcgi/chore.h"
#include "fcgi/http/resp.h"
#include "fcgi/pools.h"
#include "lib/os/clock.h"
#include "lib/os/log.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Longer than the janitor's fetch may take. */
#define WAIT_NS (3 * NS_PER_S)
#define NAP_NS  (20 * NS_PER_MS)

static struct {
	struct stat file;
	struct jwks_times at;
	struct jose_set *set;
} copy;

static bool
is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_size == b->st_size &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static void
take_set(struct arena *mem, struct str text)
{
	const char *problem = "";
	struct jose_set *set =
	    text.n ? jose_set_new(mem, text, &problem) : NULL;

	if (!set && text.n)
		log_event(LOG_ERROR, "jwks", "RUN_DIR/jwks: %s", problem);
	jose_set_free(copy.set);
	copy.set = set;
}

static void
reload(struct req *r)
{
	const struct conf *conf = r->service->conf;
	struct stat st;
	struct jwks found;
	char path[JWKS_PATH];

	jwks_path(conf, "", path);
	if (stat(path, &st) < 0 || is_same_file(&st, &copy.file))
		return;
	/* If it cannot be read, the next request tries again. */
	found = jwks_read(conf, r->mem);
	if (!found.at.tried_us)
		return;
	if (found.at.fetched_us != copy.at.fetched_us)
		take_set(r->mem, found.text);
	copy.at = found.at;
	copy.file = st;
}

const struct jose_set *
jwks_set(struct req *r)
{
	if (jwks_is_wanted(r->service->conf))
		reload(r);
	return copy.set;
}

/* Asks the janitor for a fetch. */
static bool
ask(const struct service *service)
{
	char path[JWKS_PATH];
	int fd;

	jwks_path(service->conf, ".wanted", path);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		log_event(LOG_WARN, "jwks", "%s: %s", path, strerror(errno));
		return false;
	}
	close(fd);
	chore_hurry(service, &janitor_pool);
	return true;
}

/* After a timeout, do not wait again for 10 s. */
static bool
wait_for_fetch(struct req *r)
{
	static int64_t timeout_ns;
	int64_t began = clock_mono_ns();

	if (timeout_ns && began - timeout_ns < 10 * NS_PER_S)
		return false;
	if (!ask(r->service))
		return false;
	while (!jwks_is_fresh(copy.at)) {
		if (clock_mono_ns() - began > WAIT_NS) {
			timeout_ns = clock_mono_ns();
			return false;
		}
		clock_sleep(NAP_NS);
		reload(r);
	}
	timeout_ns = 0;
	return true;
}

/* For Retry-After: when the next fetch is allowed. */
static int
retry_s(void)
{
	int64_t left = copy.at.tried_us + JWKS_PAUSE_US - clock_wall_us();

	return left > 0 && left <= JWKS_PAUSE_US ? (int)(left / US_PER_S) + 1
						 : 10;
}

enum err
jwks_renew(struct req *r)
{
	enum err e;

	reload(r);
	if ((jwks_is_fresh(copy.at) || wait_for_fetch(r)) &&
	    copy.at.fetched_us == copy.at.tried_us)
		return OK;
	e = fail(r, E_UNAVAILABLE, "the issuer's key set cannot be fetched");
	r->fault.retry_after_s = retry_s();
	return e;
}
