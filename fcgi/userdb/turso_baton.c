/*
 * Batons. The client's baton is the service's, encrypted under the key that
 * encrypts tokens and bound to the name of the database. So a client can neither
 * forge one nor use that of another database, and learns no host of the service.
 */
#include "fcgi/userdb/turso.h"

#include "fcgi/options.h"
#include "lib/crypto/seal.h"

enum { BINDING_MAX = USERDB_NAME_MAX + 16 };

/* A sealed token of the same database must not pass as a baton. */
static struct str
binding(const struct userdb *db, char to[BINDING_MAX])
{
	snprintf(to, BINDING_MAX, "baton of %s", db->name);
	return str_of(to);
}

enum err
turso_wrap(const struct service *service, const struct userdb *db,
    const struct turso_stream *s, struct buf *b)
{
	char name[BINDING_MAX];
	struct buf plain;

	buf_init(&plain, b->mem);
	buf_printf(&plain, "%c%s\n", s->may_write ? 'w' : 'r',
	    s->base ? s->base : "");
	buf_str(&plain, s->baton);
	if (plain.failed)
		return E_TOO_LARGE;
	return seal_secret(str_of(service->opts->seal_keys), binding(db, name),
	    buf_view(&plain), b);
}

enum err
turso_unwrap(const struct service *service, struct arena *mem,
    const struct userdb *db, struct str baton, struct turso_stream *s)
{
	char name[BINDING_MAX];
	struct str rest, head;
	struct buf plain;
	enum err e;

	buf_init(&plain, mem);
	e = seal_open(str_of(service->opts->seal_keys), binding(db, name),
	    baton, &plain);
	if (e == E_TOO_LARGE)
		return e;
	rest = buf_view(&plain);
	if (e != OK || !str_split(&rest, '\n', &head) || head.n < 1 || !rest.p)
		return E_BAD_REQUEST;
	s->may_write = head.p[0] == 'w';
	s->base = head.n > 1 ? arena_copy(mem, head.p + 1, head.n - 1) : NULL;
	s->baton = rest;
	return head.n > 1 && !s->base ? E_TOO_LARGE : OK;
}

/* --- Base URLs ------------------------------------------------------------ */

struct place {
	struct str scheme, host, port;
};

/* Only a scheme, a host, and perhaps a port and a final slash. */
static bool
read_place(struct str url, struct place *to)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789.-:";
	struct str rest = url;

	str_split(&rest, ':', &to->scheme);
	if (rest.n && rest.p[rest.n - 1] == '/')
		rest.n--;
	if (rest.n < 3 || memcmp(rest.p, "//", 2) != 0)
		return false;
	rest.p += 2;
	rest.n -= 2;
	for (size_t i = 0; i < rest.n; i++)
		if (!memchr(letters, rest.p[i], sizeof(letters) - 1))
			return false;
	str_split(&rest, ':', &to->host);
	to->port = rest;
	return to->host.n > 0;
}

/* Without the first label; empty for an address and a top-level domain. */
static struct str
parent_of(struct str host)
{
	struct str rest = host, label;
	char last = host.p[host.n - 1];

	str_split(&rest, '.', &label);
	if ((last >= '0' && last <= '9') || last == '.' || !rest.n ||
	    !memchr(rest.p, '.', rest.n))
		return (struct str){ 0 };
	return rest;
}

bool
turso_may_follow(const char *url, struct str base)
{
	struct place own, other;
	struct str parent, end;

	if (!read_place(str_of(url), &own) || !read_place(base, &other) ||
	    !str_eq(own.scheme, other.scheme) || !str_eq(own.port, other.port))
		return false;
	if (str_eq(own.host, other.host))
		return true;
	parent = parent_of(own.host);
	if (!parent.n || other.host.n <= parent.n + 1)
		return false;
	end = (struct str){ other.host.p + other.host.n - parent.n, parent.n };
	return str_eq(end, parent) && end.p[-1] == '.';
}
