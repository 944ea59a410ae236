/*
 * The worker's side: its own copy of the set, made anew when the file is
 * another one, and the question for a key that is not in it.
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

/* The janitor's fetch has less time than this. */
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
		log_event(LOG_ERROR, "jwks", "the copy of the set: %s",
		    problem);
	jose_set_free(copy.set);
	copy.set = set;
}

static void
look(struct req *r)
{
	const struct conf *conf = r->service->conf;
	struct stat st;
	struct jwks found;
	char path[JWKS_PATH];

	jwks_path(conf, "", path);
	if (stat(path, &st) < 0 || is_same_file(&st, &copy.file))
		return;
	/* What cannot be read now is tried again by the next request. */
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
		look(r);
	return copy.set;
}

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

/* Who waited in vain does not try that again for a while. */
static bool
wait_for_fetch(struct req *r)
{
	static int64_t in_vain_ns;
	const struct timespec nap = { .tv_nsec = NAP_NS };
	int64_t began = clock_mono_ns();

	if (in_vain_ns && began - in_vain_ns < 10 * NS_PER_S)
		return false;
	if (!ask(r->service))
		return false;
	while (!jwks_is_fresh(copy.at)) {
		if (clock_mono_ns() - began > WAIT_NS) {
			in_vain_ns = clock_mono_ns();
			return false;
		}
		nanosleep(&nap, NULL);
		look(r);
	}
	in_vain_ns = 0;
	return true;
}

/* When another try is worth it: the pause between two fetches is over. */
static int
seconds_left(void)
{
	int64_t left = copy.at.tried_us + JWKS_PAUSE_US - clock_wall_us();

	return left > 0 && left <= JWKS_PAUSE_US ? (int)(left / US_PER_S) + 1
						 : 10;
}

enum err
jwks_renew(struct req *r)
{
	enum err e;

	look(r);
	if ((jwks_is_fresh(copy.at) || wait_for_fetch(r)) &&
	    copy.at.fetched_us == copy.at.tried_us)
		return OK;
	e = fail(r, E_UNAVAILABLE, "the issuer's keys cannot be had");
	r->fault.retry_after_s = seconds_left();
	return e;
}
