/*
 * Lists jobs, and returns one.
 */
#include "fcgi/cron/handlers.h"

#include "fcgi/cron/job_http.h"
#include "fcgi/http/page.h"
#include "fcgi/http/resp.h"
#include "lib/crypto/crypt.h"

/* --- The cursor: the name and the id of the last job, in hex digits. ------- */

struct position {
	struct str name, id;
};

static void
write_cursor(struct buf *b, const struct job *last)
{
	struct buf bytes;
	char *hex;

	buf_init(&bytes, b->mem);
	buf_str(&bytes, last->name);
	buf_putc(&bytes, '\0');
	buf_str(&bytes, last->id);
	hex = arena_alloc(b->mem, 2 * bytes.n + 1);
	if (bytes.failed || !hex) {
		b->failed = true;
		return;
	}
	crypt_hex(bytes.p, bytes.n, hex);
	buf_printf(b, "\"%s\"", hex);
}

static enum err
read_cursor(struct req *r, struct position *at)
{
	struct str text, bytes;
	enum err e = req_query(r, "cursor", &text);
	char *to;

	*at = (struct position){ STR(""), STR("") };
	if (e != OK || !text.p)
		return e;
	to = arena_alloc(r->mem, text.n / 2 + 1);
	if (!to)
		return fail(r, E_TOO_LARGE, "no memory");
	bytes = (struct str){ to, text.n / 2 };
	if (!crypt_unhex(text, to, text.n / 2) ||
	    !memchr(to, '\0', text.n / 2) || !str_is_utf8(bytes))
		return fail_field(r, E_BAD_REQUEST, "cursor",
		    "must be the next_cursor of a page of this list");
	str_split(&bytes, '\0', &at->name);
	at->id = bytes.p ? bytes : STR("");
	return OK;
}

/* --- GET /api/cron/jobs ---------------------------------------------------- */

enum err
cron_get_jobs(struct req *r)
{
	struct job_list list;
	struct position at;
	struct caller c;
	struct buf *b;
	int64_t limit;
	enum err e = page_limit(r, &limit);

	if (e == OK)
		e = read_cursor(r, &at);
	if (e == OK)
		e = caller_open(r, &c);
	if (e != OK)
		return e;
	e = jobs_page(&c.jobs, at.name, at.id, (size_t)limit, &list);
	if (e != OK)
		return caller_fail(&c, e);
	b = resp_body(r, 200);
	buf_puts(b, "{\"items\":[");
	e = caller_write_jobs(&c, list.rows, list.n, b);
	if (e != OK)
		return e;
	buf_puts(b, "],\"next_cursor\":");
	if (list.has_more)
		write_cursor(b, &list.rows[list.n - 1]);
	else
		buf_puts(b, "null");
	buf_puts(b, "}\n");
	return OK;
}

/* --- GET /api/cron/jobs/:job_id -------------------------------------------- */

enum err
cron_get_job(struct req *r)
{
	struct caller c;
	struct job job;
	enum err e = caller_open(r, &c);

	if (e != OK)
		return e;
	e = jobs_get(&c.jobs, r->params[0], &job);
	if (e != OK)
		return caller_fail(&c, e);
	e = caller_write_jobs(&c, &job, 1, resp_body(r, 200));
	if (e == OK)
		buf_putc(&r->answer.body, '\n');
	return e;
}
