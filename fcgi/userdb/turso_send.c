/*
 * Requests to a database at Turso. Its token is replaced when the database
 * rejects it: an operator may rotate tokens at any time. A rejected request has
 * run nothing, so it is sent again.
 */
#include "fcgi/userdb/turso.h"

#include "lib/os/clock.h"
#include "lib/os/log.h"

/* A database that rejects every token must not cost two more at each request. */
#define MINT_AGAIN_NS (10 * NS_PER_S)

static struct str
token_of(const struct userdb *db, bool may_write)
{
	struct str rest = str_of(db->token), first;

	str_split(&rest, '\n', &first);
	return may_write ? first : rest;
}

static enum err
post(struct turso *t, const struct userdb *db, bool may_write, const char *url,
    struct fetch *f, struct fetch_answer *got)
{
	struct buf bearer;
	enum err e;

	buf_init(&bearer, t->mem);
	buf_puts(&bearer, "Authorization: Bearer ");
	buf_str(&bearer, token_of(db, may_write));
	buf_putc(&bearer, '\0');
	if (bearer.failed) {
		t->why = "no memory";
		return E_TOO_LARGE;
	}
	f->method = "POST";
	f->url = url;
	f->headers[0] = bearer.p;
	f->headers[1] = "Content-Type: application/json";
	f->deadline_ns = t->deadline_ns;
	e = fetch(t->mem, f, got);
	if (e != OK)
		t->why = got->trouble;
	return e == E_BAD_GATEWAY ? E_UNAVAILABLE : e;
}

static enum err
mint(struct turso *t, struct userdb *db)
{
	static int64_t allowed_ns[256][MODE_COUNT]; /* User ids are random. */
	int64_t *allowed = &allowed_ns[db->user.b[0]][db->mode];
	int64_t now = clock_mono_ns();
	enum err e;

	if (now < *allowed) {
		t->why = "the database rejects a token that was just made";
		return E_BAD_GATEWAY;
	}
	*allowed = now + MINT_AGAIN_NS;
	e = turso_mint(t, db);
	if (e == OK)
		e = userdb_note_token(t->service, t->mem, db, &t->why);
	if (e == OK)
		log_event(LOG_INFO, "database_token_replaced", "%s", db->name);
	return e;
}

/* Another worker may have replaced it already. */
static enum err
renew(struct turso *t, struct userdb *db)
{
	struct userdb now;
	enum err e =
	    userdb_read(t->service, t->mem, db->user, db->mode, &now, &t->why);

	if (e == E_NOT_FOUND ||
	    (e == OK && (!now.is_ready || strcmp(now.token, db->token) == 0)))
		return mint(t, db);
	if (e == OK)
		memcpy(db->token, now.token, sizeof(db->token));
	return e;
}

enum err
turso_send(struct turso *t, struct userdb *db, bool may_write, const char *base,
    const char *path, struct fetch *f, struct fetch_answer *got)
{
	struct buf url;
	enum err e;

	buf_init(&url, t->mem);
	buf_printf(&url, "%s/%s", base ? base : db->url, path);
	buf_putc(&url, '\0');
	if (url.failed) {
		t->why = "no memory";
		return E_TOO_LARGE;
	}
	e = post(t, db, may_write, url.p, f, got);
	if (e != OK || got->status != 401)
		return e;
	e = renew(t, db);
	if (e == OK)
		e = post(t, db, may_write, url.p, f, got);
	if (e == OK && got->status == 401) {
		t->why = "the database rejects a new token";
		return E_BAD_GATEWAY;
	}
	return e;
}
