/*
 * gzip: bodies that are decompressed, and bodies that are refused.
 */
#include "lib/base/gzip.h"
#include "t/unit/tap.h"

static struct arena *mem;

/* "hello hello hello" */
static const char good[] = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03"
			   "\xcb\x48\xcd\xc9\xc9\x57\xc8\x40\x90\x00"
			   "\x80\x88\xf9\xe5\x11\x00\x00\x00";

static enum err
inflate(struct str in, size_t max, struct str *out)
{
	return gzip_inflate(mem, in, max, out);
}

static void
test_good(struct str in)
{
	struct str out;

	is_int(inflate(in, 17, &out), OK, "a body of exactly the limit");
	is_slice(out, "hello hello hello", "is decompressed");
	is_int(inflate(in, 16, &out), E_TOO_LARGE,
	    "a body above the limit is too large");
}

static void
test_bad(struct str in)
{
	struct str out;
	char *bad = arena_copy(mem, in.p, in.n);

	for (size_t n = 0; n < in.n; n++)
		ok(inflate((struct str){ in.p, n }, 99, &out) == E_BAD_REQUEST,
		    "a stream cut after %zu bytes is refused", n);
	is_int(inflate((struct str){ bad, in.n + 1 }, 99, &out), E_BAD_REQUEST,
	    "a stream with a byte after its end is refused");
	bad[20] ^= 1;
	is_int(inflate((struct str){ bad, in.n }, 99, &out), E_BAD_REQUEST,
	    "a wrong checksum is refused");
	is_int(inflate(STR("hello"), 99, &out), E_BAD_REQUEST,
	    "plain text is refused");
}

/* Decompresses in pieces of that size; returns NULL if the stream is invalid. */
static struct str
inflate_pieces(struct str in, size_t piece)
{
	struct gzip *g = gzip_open(mem);
	struct buf to;
	char room[32];
	size_t n;

	buf_init(&to, mem);
	while (in.n) {
		struct str some = { in.p, in.n < piece ? in.n : piece };

		in = (struct str){ in.p + some.n, in.n - some.n };
		do {
			if (gzip_next(g, &some, room, piece, &n) != OK)
				return (struct str){ NULL, 0 };
			buf_add(&to, room, n);
		} while (n || some.n);
	}
	return gzip_is_whole(g) ? buf_view(&to) : (struct str){ NULL, 0 };
}

static void
test_pieces(struct str in)
{
	char *bad = arena_copy(mem, in.p, in.n);

	for (size_t piece = 1; piece < 32; piece++)
		is_slice(inflate_pieces(in, piece), "hello hello hello",
		    "it is decompressed in pieces");
	for (size_t n = 1; n < in.n; n++)
		ok(!inflate_pieces((struct str){ in.p, n }, 7).p,
		    "a stream cut after %zu bytes is refused in pieces", n);
	ok(!inflate_pieces((struct str){ bad, in.n + 1 }, 7).p,
	    "a stream with a byte after its end is refused");
	bad[20] ^= 1;
	ok(!inflate_pieces((struct str){ bad, in.n }, 7).p,
	    "a wrong checksum in pieces is refused");
}

/* A body of several members, as `cat a.gz b.gz` makes it. */
static void
test_members(struct str member)
{
	struct str out;
	struct buf b;

	buf_init(&b, mem);
	for (int i = 0; i < 3; i++)
		buf_str(&b, member);
	is_int(inflate(buf_view(&b), 3 * 17, &out), OK, "three members");
	ok(out.n == 3 * 17, "are inflated one after the other");
	is_int(inflate(buf_view(&b), 3 * 17 - 1, &out), E_TOO_LARGE,
	    "the limit is for all members together");
	for (size_t piece = 1; piece < 32; piece++)
		ok(inflate_pieces(buf_view(&b), piece).n == 3 * 17,
		    "three members in pieces of %zu bytes", piece);
	b.n--;
	is_int(inflate(buf_view(&b), 99, &out), E_BAD_REQUEST,
	    "a last member that is cut short is refused");
	ok(!inflate_pieces(buf_view(&b), 7).p, "in pieces too");
}

int
main(void)
{
	const struct str in = { good, sizeof(good) - 1 };

	mem = arena_new(1 << 20);
	test_good(in);
	test_bad(in);
	test_pieces(in);
	test_members(in);
	arena_free(mem);
	return tap_done();
}
