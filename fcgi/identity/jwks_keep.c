/*
 * The janitor's side. A set is stored only if it can be used: an empty page, a
 * login form or a truncated set never replaces a good one.
 */
#include "fcgi/identity/jwks_impl.h"

#include "fcgi/options.h"
#include "lib/net/fetch.h"
#include "lib/os/clock.h"
#include "lib/os/log.h"

#include <errno.h>
#include <unistd.h>

#define FETCH_NS (2 * NS_PER_S)

/* True if a worker asked for a fetch. */
static bool
take_request(const struct conf *conf)
{
	char path[JWKS_PATH];

	jwks_path(conf, ".wanted", path);
	return unlink(path) == 0;
}

static bool
is_due(const struct conf *conf, struct jwks_times at)
{
	int64_t age = clock_wall_us() - at.tried_us;

	if (jwks_is_fresh(at))
		return false;
	return take_request(conf) || at.fetched_us != at.tried_us || age < 0 ||
	    age >= JWKS_AGE_US;
}

/* The problem with the answer, or NULL. */
static const char *
fetch_set(const struct conf *conf, struct arena *mem, struct str *text)
{
	const struct fetch ask = {
		.url = ROOM_OPTIONS(identity, conf)->jwt_jwks_url,
		.headers = { "Accept: application/json" },
		.deadline_ns = clock_mono_ns() + FETCH_NS,
		.max = JWKS_TEXT_MAX,
	};
	struct fetch_answer answer;
	const char *problem;

	if (fetch(mem, &ask, &answer) != OK)
		return answer.trouble;
	if (answer.status != 200)
		return "the status is not 200";
	*text = answer.body;
	jose_set_free(jose_set_new(mem, answer.body, &problem));
	return problem;
}

void
jwks_keep(const struct service *service, struct arena *mem)
{
	const struct conf *conf = service->conf;
	struct jwks j;
	struct str text;
	const char *problem;

	if (!jwks_is_wanted(conf) || service->is_ending())
		return;
	j = jwks_read(conf, mem);
	if (!is_due(conf, j.at))
		return;
	j.at.tried_us = clock_wall_us();
	problem = fetch_set(conf, mem, &text);
	if (problem) {
		log_event(LOG_WARN, "jwks_failed", "%s", problem);
	} else {
		j.at.fetched_us = j.at.tried_us;
		j.text = text;
	}
	if (!jwks_write(conf, mem, &j))
		log_event(LOG_ERROR, "jwks", "the key set cannot be stored: %s",
		    strerror(errno));
}
