/*
 * The webhook secret over HTTP.
 */
#include "fcgi/cron/secret_http.h"

#include "fcgi/cron/secret.h"
#include "fcgi/http/body.h"
#include "fcgi/http/resp.h"
#include "fcgi/identity/audit.h"
#include "lib/json/member.h"

struct rotation {
	struct req *req;
	struct cron_secret secret;
	struct opt_int64 grace_s;
};

static struct cron_secret
new_secret(struct req *r)
{
	return (struct cron_secret){
		.service = r->service,
		.mem = r->mem,
		.user = r->principal->tenant.user,
		.mode = r->principal->mode,
	};
}

static enum err
answer(struct req *r, const struct cron_secret *s, enum err e)
{
	struct buf *b;

	if (e != OK)
		return s->why ? fail_saying(r, e, s->why) : fail(r, e, NULL);
	b = resp_body(r, 200);
	r->answer.is_secret = true;
	buf_putc(b, '{');
	member_text(b, "secret", s->secret);
	member_time(b, "created_at", (struct opt_int64){ true, s->created_at });
	member_time(b, "previous_until", s->previous_until);
	buf_puts(b, "}\n");
	return OK;
}

enum err
cron_get_secret(struct req *r)
{
	struct cron_secret s = new_secret(r);
	enum err e = cron_secret_find(db_begin(r, MODE_LIVE), &s);

	return answer(r, &s, e);
}

/* --- POST /api/cron/secret/rotate ----------------------------------------- */

static const struct bind_field fields[] = {
	{ "grace_s", BIND_INT, .offset = offsetof(struct rotation, grace_s),
	    .max = CRON_SECRET_GRACE_MAX_S },
};

static enum err
rotate(struct db_tx *tx, void *to)
{
	struct rotation *x = to;
	struct buf details;
	enum err e = cron_secret_rotate(tx, &x->secret, x->grace_s.v);

	buf_init(&details, x->req->mem);
	buf_printf(&details, "{\"grace_s\":%lld}", (long long)x->grace_s.v);
	buf_putc(&details, '\0');
	if (e != OK)
		return e;
	return audit_note(tx, x->req,
	    &(struct audit){ .event = AUDIT_CRON_SECRET_ROTATED,
		.user = { true, x->secret.user },
		.details = details.p });
}

enum err
cron_post_secret_rotation(struct req *r)
{
	struct rotation x = {
		.req = r,
		.secret = new_secret(r),
		.grace_s = { true, CRON_SECRET_GRACE_S },
	};
	enum err e =
	    r->body.n ? body_bind(r, fields, ARRAY_LEN(fields), &x) : OK;

	if (e != OK)
		return e;
	e = db_transact(db_begin(r, MODE_LIVE), 3, rotate, &x);
	return answer(r, &x.secret, e);
}
