/*
 * Decompression by zlib. The output buffer grows with what is written, so that
 * a small body takes little memory and a bomb no more than the limit.
 */
#include "lib/base/gzip.h"

#include <limits.h>

#define ZLIB_CONST
#include <zlib.h>

enum { PIECE = 16 * 1024, GZIP_ONLY = 16 + MAX_WBITS };

/* Stops at the end of the stream, at max bytes or at invalid data. */
static enum err
inflate_all(z_stream *z, size_t max, struct buf *to)
{
	char piece[PIECE];
	int result = Z_OK;

	while (result == Z_OK) {
		z->next_out = (unsigned char *)piece;
		z->avail_out = sizeof(piece);
		result = inflate(z, Z_NO_FLUSH);
		buf_add(to, piece, sizeof(piece) - z->avail_out);
		if (to->failed || to->n > max)
			return E_TOO_LARGE;
		if (result == Z_STREAM_END && z->avail_in)
			result = inflateReset(z);
	}
	return result == Z_STREAM_END && z->avail_in == 0 ? OK : E_BAD_REQUEST;
}

enum err
gzip_inflate(struct arena *mem, struct str in, size_t max, struct str *out)
{
	z_stream z = {
		.next_in = (const unsigned char *)in.p,
		.avail_in = (unsigned)in.n,
	};
	struct buf to;
	enum err e;

	if (in.n == 0 || in.n != z.avail_in)
		return E_BAD_REQUEST;
	if (inflateInit2(&z, GZIP_ONLY) != Z_OK)
		return E_TOO_LARGE;
	buf_init(&to, mem);
	e = inflate_all(&z, max, &to);
	inflateEnd(&z);
	*out = buf_view(&to);
	return e;
}

struct gzip {
	z_stream z;
	bool is_whole;
};

static void
close_stream(void *gzip)
{
	inflateEnd(&((struct gzip *)gzip)->z);
}

struct gzip *
gzip_open(struct arena *mem)
{
	struct gzip *g = arena_alloc(mem, sizeof(*g));

	if (!g || inflateInit2(&g->z, GZIP_ONLY) != Z_OK)
		return NULL;
	return arena_defer(mem, close_stream, g) ? g : NULL;
}

enum err
gzip_next(struct gzip *g, struct str *in, void *to, size_t size, size_t *n)
{
	unsigned most = size > UINT_MAX ? UINT_MAX : (unsigned)size;
	int result;

	*n = 0;
	if (g->is_whole && !in->n)
		return OK;
	if (g->is_whole && inflateReset(&g->z) != Z_OK)
		return E_BAD_REQUEST;
	g->z.next_in = (const unsigned char *)in->p;
	g->z.avail_in = in->n > UINT_MAX ? UINT_MAX : (unsigned)in->n;
	g->z.next_out = to;
	g->z.avail_out = most;
	result = inflate(&g->z, Z_NO_FLUSH);
	*n = most - g->z.avail_out;
	in->n -= (size_t)((const char *)g->z.next_in - in->p);
	in->p = (const char *)g->z.next_in;
	g->is_whole = result == Z_STREAM_END;
	/* Z_BUF_ERROR: it needs more input or more room, and is no error. */
	return result == Z_OK || result == Z_BUF_ERROR || g->is_whole
	    ? OK
	    : E_BAD_REQUEST;
}

bool
gzip_is_whole(const struct gzip *g)
{
	return g->is_whole;
}
