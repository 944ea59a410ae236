/*
 * A stream keeps its connection between requests, with an open transaction or
 * what was set on it. A baton is the stream's id and a key, both random; each
 * answer has another key, so that a repeated request is noticed.
 *
 * A connection that is as it was opened is used again: opening one and reading
 * the schema costs more than most statements.
 */
#include "lib/lite/hrana_impl.h"

#include "lib/os/clock.h"

#include <sqlite3.h>

enum { TEXTS_MAX = 4 * LITE_SQL_MAX };

static bool
is_equal(const uint8_t *a, const uint8_t *b)
{
	unsigned differs = 0;

	for (size_t i = 0; i < HRANA_ID; i++)
		differs |= a[i] ^ b[i];
	return differs == 0;
}

static void
write_hex(const uint8_t *bytes, struct buf *b)
{
	static const char digits[] = "0123456789abcdef";
	char text[2 * HRANA_ID];

	for (size_t i = 0; i < HRANA_ID; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	buf_add(b, text, sizeof(text));
}

static bool
read_hex(const char *text, uint8_t *to)
{
	for (size_t i = 0; i < HRANA_ID; i++) {
		int high = str_hex_digit(text[2 * i]);
		int low = str_hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		to[i] = (uint8_t)(high * 16 + low);
	}
	return true;
}

bool
hrana_stream_baton(struct hrana_stream *s, struct buf *b)
{
	/* Most streams end with their first request and need no id. */
	if (!s->has_id && !lite_random(s->id, sizeof(s->id)))
		return false;
	s->has_id = true;
	if (!lite_random(s->key, sizeof(s->key)))
		return false;
	buf_putc(b, '"');
	write_hex(s->id, b);
	write_hex(s->key, b);
	buf_putc(b, '"');
	return true;
}

struct hrana_text *
hrana_text_find(const struct hrana_stream *s, int64_t id)
{
	struct hrana_text *t = s->texts;

	while (t && t->id != id)
		t = t->next;
	return t;
}

bool
hrana_text_store(struct hrana_stream *s, int64_t id, struct str text)
{
	struct hrana_text *t;

	if (text.n > TEXTS_MAX - s->text_bytes)
		return false;
	t = malloc(sizeof(*t) + text.n);
	if (!t)
		return false;
	*t = (struct hrana_text){ .next = s->texts, .id = id, .n = text.n };
	if (text.n)
		memcpy(t->text, text.p, text.n);
	s->texts = t;
	s->text_bytes += text.n + sizeof(*t);
	return true;
}

void
hrana_text_forget(struct hrana_stream *s, int64_t id)
{
	for (struct hrana_text **at = &s->texts; *at; at = &(*at)->next) {
		struct hrana_text *t = *at;

		if (t->id != id)
			continue;
		*at = t->next;
		s->text_bytes -= t->n + sizeof(*t);
		free(t);
		return;
	}
}

void
hrana_stream_close(struct hrana *h, struct hrana_stream *s)
{
	struct lite *l = s->lite;

	while (s->texts)
		hrana_text_forget(s, s->texts->id);
	*s = (struct hrana_stream){ .lite = NULL };
	hrana_return(h, l);
}

void
hrana_stream_give(struct hrana_stream *s)
{
	s->is_lent = false;
	s->idle_since = clock_mono_ns();
}

static void
expire(struct hrana *h, struct hrana_stream *s)
{
	memcpy(h->expired[h->expired_at], s->id, HRANA_ID);
	h->expired_at = (h->expired_at + 1) % HRANA_EXPIRED;
	hrana_stream_close(h, s);
}

void
hrana_expire_transactions(struct hrana *h)
{
	for (unsigned i = 0; i < h->bounds.streams; i++) {
		struct hrana_stream *s = &h->streams[i];

		if (s->lite && !s->is_lent &&
		    !sqlite3_get_autocommit(lite_db(s->lite)))
			expire(h, s);
	}
}

int64_t
hrana_sweep(struct hrana *h)
{
	int64_t now = clock_mono_ns(), next = 0;

	for (unsigned i = 0; i < h->bounds.streams; i++) {
		struct hrana_stream *s = &h->streams[i];
		int64_t due = s->idle_since + h->bounds.idle_ns;

		if (!s->lite || s->is_lent)
			continue;
		if (due <= now)
			expire(h, s);
		else if (next == 0 || due < next)
			next = due;
	}
	return next;
}

unsigned
hrana_streams(const struct hrana *h)
{
	unsigned n = 0;

	for (unsigned i = 0; i < h->bounds.streams; i++)
		n += h->streams[i].lite != NULL;
	return n;
}

unsigned
hrana_transactions(const struct hrana *h)
{
	unsigned n = 0;

	for (unsigned i = 0; i < h->bounds.streams; i++)
		n += h->streams[i].lite &&
		    !sqlite3_get_autocommit(lite_db(h->streams[i].lite));
	return n;
}

/* A free place, or that of the stream which is idle for the longest time. */
static struct hrana_stream *
find_place(struct hrana *h)
{
	struct hrana_stream *oldest = NULL;

	for (unsigned i = 0; i < h->bounds.streams; i++) {
		struct hrana_stream *s = &h->streams[i];

		if (!s->lite)
			return s;
		if (!s->is_lent && sqlite3_get_autocommit(lite_db(s->lite)) &&
		    (!oldest || s->idle_since < oldest->idle_since))
			oldest = s;
	}
	if (oldest)
		expire(h, oldest);
	return oldest;
}

static struct hrana_stream *
refuse(struct hrana_refusal *to, int status, const char *message,
    const char *code)
{
	*to = (struct hrana_refusal){ status, { message, code } };
	return NULL;
}

static struct hrana_stream *
stream_new(struct hrana *h, struct arena *mem, bool read_only,
    struct hrana_refusal *refusal)
{
	struct hrana_stream *s = find_place(h);
	struct lite *l;
	const char *why;
	int rc;

	if (!s)
		return refuse(refusal, 429,
		    "Too many streams have a transaction open. Close one, or "
		    "retry later.",
		    "STREAM_LIMIT");
	rc = hrana_borrow(h, read_only, &l, &why);
	if (rc != SQLITE_OK) {
		refusal->status = 500;
		refusal->fault = hrana_fault_of_code(mem, rc, why);
		return NULL;
	}
	s->lite = l;
	return s;
}

static struct hrana_stream *
stream_find(struct hrana *h, struct str baton, bool may_write,
    struct hrana_refusal *refusal)
{
	uint8_t id[HRANA_ID], key[HRANA_ID];

	if (baton.n != HRANA_BATON || !read_hex(baton.p, id) ||
	    !read_hex(baton.p + (size_t)2 * HRANA_ID, key))
		return refuse(refusal, 400, "Received an invalid baton",
		    "BATON_INVALID");
	for (unsigned i = 0; i < h->bounds.streams; i++) {
		struct hrana_stream *s = &h->streams[i];

		if (!s->lite || !s->has_id || !is_equal(s->id, id) ||
		    s->may_write != may_write)
			continue;
		if (!s->is_lent && is_equal(s->key, key))
			return s;
		return refuse(refusal, 400,
		    "Received a baton that has already been used",
		    "BATON_REUSED");
	}
	for (size_t i = 0; i < HRANA_EXPIRED; i++)
		if (is_equal(h->expired[i], id))
			return refuse(refusal, 400,
			    "The stream has expired due to inactivity",
			    "STREAM_EXPIRED");
	return refuse(refusal, 400, "Received an invalid baton",
	    "BATON_INVALID");
}

struct hrana_stream *
hrana_stream_take(struct hrana *h, struct arena *mem,
    const struct hrana_order *order, struct str baton,
    struct hrana_refusal *refusal)
{
	struct hrana_stream *s;
	int rc;

	/* One that is overdue must not be continued. */
	(void)hrana_sweep(h);
	s = baton.p ? stream_find(h, baton, order->may_write, refusal)
		    : stream_new(h, mem, !order->may_write, refusal);
	if (!s)
		return NULL;
	s->is_lent = true;
	s->may_write = order->may_write;
	/* Others may have changed the schema meanwhile. */
	rc = baton.p && sqlite3_get_autocommit(lite_db(s->lite))
	    ? lite_renew(s->lite)
	    : SQLITE_OK;
	if (rc == SQLITE_OK)
		rc = lite_set_read_only(s->lite, !order->may_write);
	if (rc == SQLITE_OK)
		rc = lite_set_size_max(s->lite, order->size_max);
	if (rc == SQLITE_OK)
		return s;
	refusal->status = 500;
	refusal->fault = hrana_fault_of_step(mem, s->lite, rc);
	hrana_stream_close(h, s);
	return NULL;
}
