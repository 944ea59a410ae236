/*
 * The reader of TZif files, RFC 9636. Each read is checked against the end of
 * the file, and each number against its bounds, because the file may be cut off
 * or of another program.
 */
#include "lib/time/zone_impl.h"

enum { OFFSET_MIN = -89999, OFFSET_MAX = 93599 };

struct counts {
	uint32_t utc_marks, standard_marks, leaps, changes, kinds, letters;
};

/* A reader that is short of bytes yields zeros and remembers it. */
struct reader {
	struct str rest;
	bool is_short;
};

static const char *
take(struct reader *r, size_t n)
{
	const char *at = r->rest.p;

	if (n > r->rest.n) {
		r->is_short = true;
		return NULL;
	}
	r->rest = (struct str){ at + n, r->rest.n - n };
	return at;
}

static uint64_t
take_number(struct reader *r, size_t bytes)
{
	const char *at = take(r, bytes);
	uint64_t value = 0;

	for (size_t i = 0; at && i < bytes; i++)
		value = value << 8 | (unsigned char)at[i];
	return value;
}

static bool
take_header(struct reader *r, struct counts *c)
{
	static const char magic[] = { 'T', 'Z', 'i', 'f' };
	const char *at = take(r, sizeof(magic) + 1 + 15);

	if (!at || memcmp(at, magic, sizeof(magic)) != 0 ||
	    at[sizeof(magic)] < '2')
		return false;
	c->utc_marks = (uint32_t)take_number(r, 4);
	c->standard_marks = (uint32_t)take_number(r, 4);
	c->leaps = (uint32_t)take_number(r, 4);
	c->changes = (uint32_t)take_number(r, 4);
	c->kinds = (uint32_t)take_number(r, 4);
	c->letters = (uint32_t)take_number(r, 4);
	return !r->is_short;
}

/* The first block, in 32 bits, is for readers of version 1. */
static bool
skip_first_block(struct reader *r, const struct counts *c)
{
	uint64_t bytes = (uint64_t)c->changes * 5 + (uint64_t)c->kinds * 6 +
	    c->letters + (uint64_t)c->leaps * 8 + c->standard_marks +
	    c->utc_marks;

	return bytes <= r->rest.n && take(r, (size_t)bytes);
}

static const char *
fault_of_counts(const struct counts *c)
{
	if (c->leaps)
		return "It counts leap seconds.";
	if (c->changes > ZONE_CHANGES_MAX || c->kinds > ZONE_KINDS_MAX ||
	    c->letters > ZONE_LETTERS_MAX)
		return "It is too large.";
	if (!c->kinds || !c->letters ||
	    (c->standard_marks && c->standard_marks != c->kinds) ||
	    (c->utc_marks && c->utc_marks != c->kinds))
		return "Its counts are malformed.";
	return NULL;
}

static bool
take_changes(struct reader *r, struct zone *z, const struct counts *c)
{
	z->n = c->changes;
	for (size_t i = 0; i < z->n; i++) {
		z->changes[i].second = (int64_t)take_number(r, 8);
		if (i && z->changes[i].second <= z->changes[i - 1].second)
			return false;
	}
	for (size_t i = 0; i < z->n; i++) {
		z->changes[i].kind = (uint8_t)take_number(r, 1);
		if (z->changes[i].kind >= c->kinds)
			return false;
	}
	return !r->is_short;
}

/* Printable ASCII, and a NUL behind each; char may be signed. */
static bool
are_abbreviations(const char *letters, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (letters[i] <= ' ' && letters[i])
			return false;
	return letters[n - 1] == '\0';
}

/* The abbreviations stand behind the kinds that point to them. */
static bool
take_kinds(struct reader *r, struct zone *z, const struct counts *c)
{
	const char *letters;

	for (size_t i = 0; i < c->kinds; i++) {
		struct zone_kind *kind = &z->kinds[i];
		int32_t offset = (int32_t)(uint32_t)take_number(r, 4);
		uint64_t is_dst = take_number(r, 1), at = take_number(r, 1);

		if (offset < OFFSET_MIN || offset > OFFSET_MAX || is_dst > 1 ||
		    at >= c->letters)
			return false;
		*kind = (struct zone_kind){ offset, is_dst, z->letters + at };
	}
	letters = take(r, c->letters);
	if (!letters || !are_abbreviations(letters, c->letters))
		return false;
	memcpy(z->letters, letters, c->letters);
	return true;
}

/* They say whether changes were given in standard time or in UTC. */
static bool
skip_marks(struct reader *r, const struct counts *c)
{
	for (uint32_t n = c->standard_marks + c->utc_marks; n; n--)
		if (take_number(r, 1) > 1)
			return false;
	return !r->is_short;
}

static bool
take_footer(struct reader *r, struct zone *z)
{
	struct str text = r->rest;

	if (text.n < 2 || text.p[0] != '\n' || text.p[text.n - 1] != '\n')
		return false;
	text = (struct str){ text.p + 1, text.n - 2 };
	z->has_rule = text.n > 0;
	return !z->has_rule || posix_tz_parse(text, &z->rule);
}

static const char *
fault_of_body(struct reader *r, struct zone *z, const struct counts *c)
{
	if (!take_changes(r, z, c))
		return "Its changes are malformed.";
	if (!take_kinds(r, z, c))
		return "Its kinds of time are malformed.";
	if (!skip_marks(r, c))
		return "Its marks are malformed.";
	if (!take_footer(r, z))
		return "Its footer is malformed.";
	return NULL;
}

struct zone *
zone_new(struct str tzif, const char **problem)
{
	struct reader r = { .rest = tzif };
	struct counts first, c;
	struct zone *z;

	if (!take_header(&r, &first) || !skip_first_block(&r, &first) ||
	    !take_header(&r, &c)) {
		*problem = "It is not a TZif file of version 2 or later.";
		return NULL;
	}
	*problem =
	    tzif.n > ZONE_FILE_MAX ? "It is too large." : fault_of_counts(&c);
	if (*problem)
		return NULL;
	z = calloc(1, sizeof(*z) + c.changes * sizeof(z->changes[0]));
	if (!z)
		return NULL;
	*problem = fault_of_body(&r, z, &c);
	if (!*problem)
		return z;
	free(z);
	return NULL;
}

void
zone_free(struct zone *z)
{
	free(z);
}
