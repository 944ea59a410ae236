/*
 * The address of the site. The Host header may be trusted for this, because a
 * page of another site cannot make a browser send a false one.
 */
#include "fcgi/identity/public_url.h"

#include "fcgi/identity/options.h"

enum { PATH_MAX_LENGTH = 512, VISITOR_MAX = 200 };

static bool
is_host(struct str host)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "0123456789.-:[]";

	for (size_t i = 0; i < host.n; i++)
		if (!memchr(allowed, host.p[i], sizeof(allowed) - 1))
			return false;
	return host.n > 0 && host.n < 256;
}

enum err
public_url_origin(struct req *r, struct str *origin)
{
	struct str option =
	    str_of(ROOM_OPTIONS(identity, r->service->conf)->public_url);
	struct str host = req_param(r, "HTTP_HOST");
	struct buf b;

	if (option.n) {
		*origin = option;
		return OK;
	}
	if (!is_host(host))
		return fail(r, E_BAD_REQUEST, "no valid Host header");
	buf_init(&b, r->mem);
	buf_str(&b, req_param(r, "REQUEST_SCHEME"));
	buf_puts(&b, "://");
	buf_str(&b, host);
	*origin = buf_view(&b);
	return b.failed ? fail(r, E_TOO_LARGE, "no memory") : OK;
}

/* Browsers take a backslash for a slash, and two slashes for another host. */
bool
public_url_has(struct str path)
{
	if (path.n == 0 || path.n > PATH_MAX_LENGTH || path.p[0] != '/' ||
	    (path.n > 1 && path.p[1] == '/'))
		return false;
	for (size_t i = 0; i < path.n; i++)
		if (path.p[i] <= ' ' || path.p[i] > '~' || path.p[i] == '\\')
			return false;
	return true;
}

struct str
public_url_visitor(const struct req *r)
{
	struct str agent = req_param(r, "HTTP_USER_AGENT");
	size_t n = 0;

	if (!agent.p || !str_is_utf8(agent))
		return STR("");
	for (int i = 0; i < VISITOR_MAX && n < agent.n; i++)
		n += str_utf8_step((struct str){ agent.p + n, agent.n - n });
	return (struct str){ agent.p, n };
}
