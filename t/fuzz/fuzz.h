/*
 * fuzz: random numbers and main() of the fuzzers.
 *
 * Owns:   the seed, the current text, and the report of a failure.
 * Not:    coverage: with -DFUZZ_ENGINE and clang's -fsanitize=fuzzer the engine
 *         brings its own main() and calls LLVMFuzzerTestOneInput().
 * Limit:  texts of 64 KiB.
 */
#ifndef IO7_T_FUZZ_FUZZ_H
#define IO7_T_FUZZ_FUZZ_H

#include "t/unit/tap.h"

#include <inttypes.h>

struct fuzz {
	uint64_t state;
	struct buf text;
	char room[64 * 1024];
};

/* Each fuzzer defines a random text, and the check of a text. */
static void fuzz_make(struct fuzz *);
static bool fuzz_holds(struct str);

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* An exact copy, so that a sanitizer sees each byte read past the end. */
static inline bool
fuzz_try(struct str text)
{
	char *exact = malloc(text.n ? text.n : 1);
	bool good;

	if (!exact)
		abort();
	memcpy(exact, text.p, text.n);
	good = fuzz_holds((struct str){ exact, text.n });
	free(exact);
	return good;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (!fuzz_try((struct str){ (const char *)data, n }))
		abort();
	return 0;
}

#ifndef FUZZ_ENGINE

/* Splitmix64: the same numbers for the same seed on every machine. */
static inline size_t
fuzz_below(struct fuzz *f, size_t n)
{
	uint64_t z = f->state += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return (size_t)((z ^ z >> 31) % n);
}

/* A random text of a list. */
#define FUZZ_PICK(f, list) ((list)[fuzz_below(f, ARRAY_LEN(list))])

/* Flips, drops, doubles or cuts bytes at random. */
static inline void
fuzz_spoil(struct fuzz *f)
{
	struct buf *b = &f->text;

	for (size_t i = fuzz_below(f, 4); i && b->n; i--) {
		size_t at = fuzz_below(f, b->n);

		switch (fuzz_below(f, 4)) {
		case 0:
			b->p[at] = (char)fuzz_below(f, 256);
			break;
		case 1:
			memmove(b->p + at, b->p + at + 1, b->n - at - 1);
			b->n--;
			break;
		case 2:
			buf_putc(b, b->p[at]);
			break;
		default:
			b->n = at;
		}
	}
}

static inline void
fuzz_show(struct str text)
{
	printf("# ");
	for (size_t i = 0; i < text.n; i++)
		printf("\\x%02x", (unsigned char)text.p[i]);
	putchar('\n');
}

/* NAME [TEXTS [SEED]] */
int
main(int argc, char **argv)
{
	static struct fuzz f;
	uint64_t texts = argc > 1 ? strtoumax(argv[1], NULL, 10) : 20000;
	uint64_t seed = argc > 2 ? strtoumax(argv[2], NULL, 10) : 1, i;

	f.state = seed;
	for (i = 0; i < texts; i++) {
		buf_init_fixed(&f.text, f.room, sizeof(f.room));
		fuzz_make(&f);
		if (fuzz_below(&f, 2))
			fuzz_spoil(&f);
		if (!fuzz_try(buf_view(&f.text)))
			break;
	}
	if (!ok(i == texts, "%" PRIu64 " texts of seed %" PRIu64, texts, seed))
		fuzz_show(buf_view(&f.text));
	return tap_done();
}

#endif
#endif
