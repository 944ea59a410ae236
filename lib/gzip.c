/*
 * gzip, by zlib. The room grows with what comes out, so that a small body
 * takes little, and a bomb no more than the limit allows.
 */
#include "lib/gzip.h"

#define ZLIB_CONST
#include <zlib.h>

enum { PIECE = 16 * 1024 };

/* Until the end of the stream, of the room, or of what is good. */
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
	}
	return result == Z_STREAM_END && z->avail_in == 0 ? OK : E_BAD_REQUEST;
}

enum err
gzip_inflate(struct arena *mem, struct str in, size_t max, struct str *out)
{
	const int gzip_only = 16 + MAX_WBITS;
	z_stream z = {
		.next_in = (const unsigned char *)in.p,
		.avail_in = (unsigned)in.n,
	};
	struct buf to;
	enum err e;

	if (in.n == 0 || in.n != z.avail_in)
		return E_BAD_REQUEST;
	if (inflateInit2(&z, gzip_only) != Z_OK)
		return E_TOO_LARGE;
	buf_init(&to, mem);
	e = inflate_all(&z, max, &to);
	inflateEnd(&z);
	*out = buf_view(&to);
	return e;
}
