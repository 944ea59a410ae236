/*
 * The types of options. Numbers, sizes and durations are whole numbers that
 * differ only in their table of units.
 */
#include "lib/os/conf_type.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	TEXT_MAX = 4 * 1024,
	SECRET_MAX = 16 * 1024,
};

struct unit {
	const char *suffix;
	uint64_t factor;
};

struct scale {
	/* The smallest unit first; a NULL suffix ends the list. */
	struct unit units[6];
	const char *wanted;
	uint64_t max;
};

static const struct scale scales[] = {
	[CONF_NUMBER] = {
		.units = { { "", 1 } },
		.wanted = "must be a whole number",
		.max = UINT64_MAX,
	},
	[CONF_BYTES] = {
		.units = { { "", 1 }, { "K", 1 << 10 }, { "M", 1 << 20 },
		    { "G", 1 << 30 } },
		.wanted = "must be a whole number with or without K, M or G",
		.max = UINT64_MAX,
	},
	[CONF_DURATION] = {
		.units = { { "ms", NS_PER_MS }, { "s", NS_PER_S },
		    { "m", 60 * NS_PER_S }, { "h", 3600 * NS_PER_S },
		    { "d", 86400 * NS_PER_S } },
		.wanted = "must be a whole number with ms, s, m, h or d",
		.max = INT64_MAX,
	},
};

bool
conf_type_is_scaled(enum conf_type type)
{
	return type < ARRAY_LEN(scales) && scales[type].wanted;
}

static void
show(const struct scale *scale, uint64_t value, struct buf *b)
{
	const struct unit *best = &scale->units[0];

	for (const struct unit *u = best; u->suffix; u++)
		if (value && value % u->factor == 0)
			best = u;
	buf_printf(b, "%llu%s", (unsigned long long)(value / best->factor),
	    best->suffix);
}

void
conf_type_range(const struct conf_option *o, struct buf *b)
{
	/* A length is a plain number. */
	const struct scale *scale =
	    &scales[conf_type_is_scaled(o->type) ? o->type : CONF_NUMBER];

	if (o->automatic)
		buf_puts(b, "auto, or ");
	if (o->max) {
		show(scale, o->min, b);
		buf_puts(b, " to ");
		show(scale, o->max, b);
	} else if (o->min) {
		buf_puts(b, "at least ");
		show(scale, o->min, b);
	}
}

static const char *
out_of_range(const struct conf_option *o, struct arena *mem)
{
	struct buf b;

	buf_init(&b, mem);
	buf_puts(&b, "must be ");
	conf_type_range(o, &b);
	if (!conf_type_is_scaled(o->type))
		buf_puts(&b, " bytes long");
	return buf_text(&b, "is out of range");
}

static bool
in_range(const struct conf_option *o, uint64_t value)
{
	return value >= o->min && (o->max == 0 || value <= o->max);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static const char *
read_scaled(const struct conf_option *o, struct arena *mem, struct str text,
    uint64_t *value)
{
	const struct scale *scale = &scales[o->type];
	size_t digits = 0;

	if (o->automatic && str_eq(text, STR("auto"))) {
		*value = 0;
		return NULL;
	}
	while (digits < text.n && is_digit(text.p[digits]))
		digits++;

	struct str suffix = { text.p + digits, text.n - digits };
	const struct unit *u = scale->units;
	uint64_t v;

	while (u->suffix && !str_eq(suffix, str_of(u->suffix)))
		u++;
	if (digits == 0 || !u->suffix)
		return o->automatic ? out_of_range(o, mem) : scale->wanted;
	if (!str_to_u64((struct str){ text.p, digits }, &v) ||
	    v > scale->max / u->factor)
		return o->max ? out_of_range(o, mem) : "is too large";
	if (!in_range(o, v * u->factor))
		return out_of_range(o, mem);
	*value = v * u->factor;
	return NULL;
}

static const char *
read_bool(struct str text, bool *value)
{
	*value = str_eq(text, STR("yes"));
	return *value || str_eq(text, STR("no")) ? NULL : "must be yes or no";
}

static const char *
read_text(const struct conf_option *o, struct arena *mem, struct str text,
    const char **value)
{
	if (text.n > TEXT_MAX)
		return "is too long";
	if (text.n == 0 && o->min)
		return "must be set";
	if (!in_range(o, text.n))
		return out_of_range(o, mem);
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] < 0x20 || text.p[i] == 0x7F)
			return "must not contain control characters";
	*value = arena_copy(mem, text.p, text.n);
	return *value ? NULL : "is too long";
}

static const char *
read_path(const struct conf_option *o, struct arena *mem, struct str text,
    const char **value)
{
	if (text.n && text.p[0] != '/')
		return "must be an absolute path";
	return read_text(o, mem, text, value);
}

/* Two texts as one; without memory only the second. */
static const char *
join(struct arena *mem, const char *first, const char *second)
{
	struct buf b;

	buf_init(&b, mem);
	buf_puts(&b, first);
	buf_puts(&b, second);
	return buf_text(&b, second);
}

static const char *
unreadable(struct arena *mem)
{
	return join(mem, "cannot be read: ", strerror(errno));
}

static const char *
slurp_fd(struct arena *mem, int fd, size_t max, unsigned forbidden_mode,
    struct str *text)
{
	struct stat st;
	size_t n = 0;
	char *p;

	if (fstat(fd, &st) < 0)
		return unreadable(mem);
	if (!S_ISREG(st.st_mode))
		return "is not a plain file";
	if (st.st_mode & forbidden_mode)
		return "is accessible to other users; use chmod o=";
	p = (uint64_t)st.st_size > max ? NULL
				       : arena_alloc(mem, (size_t)st.st_size);
	if (!p)
		return "is too large";
	while (n < (size_t)st.st_size) {
		ssize_t got = read(fd, p + n, (size_t)st.st_size - n);

		if (got < 0)
			return unreadable(mem);
		if (got == 0)
			break;
		n += (size_t)got;
	}
	*text = (struct str){ p, n };
	return memchr(p, '\0', n) ? "contains a NUL byte" : NULL;
}

const char *
conf_slurp(struct arena *mem, const char *path, size_t max,
    unsigned forbidden_mode, struct str *text)
{
	/* Without O_NONBLOCK a named pipe would block the start. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	const char *problem;

	if (fd < 0)
		return unreadable(mem);
	problem = slurp_fd(mem, fd, max, forbidden_mode, text);
	close(fd);
	return problem;
}

static const char *
slurp_secret(struct arena *mem, const char *path, const char **value)
{
	struct str secret = STR("");
	const char *problem;

	problem = conf_slurp(mem, path, SECRET_MAX, S_IRWXO, &secret);
	if (problem)
		return problem;
	if (secret.n && secret.p[secret.n - 1] == '\n')
		secret.n--;
	if (secret.n == 0)
		return "is empty";
	*value = arena_copy(mem, secret.p, secret.n);
	return *value ? NULL : "is too large";
}

static const char *
read_secret(const struct conf_option *o, struct arena *mem, struct str text,
    const char **value)
{
	const char *path = "", *problem = read_path(o, mem, text, &path);

	if (problem)
		return problem;
	*value = "";
	if (path[0] == '\0')
		return NULL;
	problem = slurp_secret(mem, path, value);
	return problem ? join(mem, "the file it names ", problem) : NULL;
}

static bool
is_text(enum conf_type type)
{
	return type != CONF_BOOL && !conf_type_is_scaled(type);
}

static size_t
field_size(enum conf_type type)
{
	if (type == CONF_BOOL)
		return sizeof(bool);
	return is_text(type) ? sizeof(const char *) : sizeof(uint64_t);
}

static const char *
read_value(const struct conf_option *o, struct arena *mem, struct str text,
    void *field)
{
	switch (o->type) {
	case CONF_TEXT:
		return read_text(o, mem, text, field);
	case CONF_PATH:
		return read_path(o, mem, text, field);
	case CONF_SECRET_FILE:
		return read_secret(o, mem, text, field);
	case CONF_BOOL:
		return read_bool(text, field);
	case CONF_NUMBER:
	case CONF_BYTES:
	case CONF_DURATION:
		break;
	}
	/* A duration is signed but never negative, so its bits are the same. */
	return read_scaled(o, mem, text, field);
}

const char *
conf_type_read(const struct conf_option *o, struct arena *mem, struct str text,
    void *field)
{
	const char *problem = read_value(o, mem, text, field);

	if (!problem && o->check && is_text(o->type))
		problem = o->check(*(const char *const *)field);
	if (problem)
		memset(field, 0, field_size(o->type));
	return problem;
}

bool
conf_type_same(const struct conf_option *o, const void *field,
    const void *other)
{
	const char *const *a = field, *const *b = other;

	if (!is_text(o->type))
		return memcmp(field, other, field_size(o->type)) == 0;
	/* A text at fault is NULL. */
	return str_eq(str_of(*a), str_of(*b));
}

bool
conf_type_copy(const struct conf_option *o, struct arena *mem, const void *from,
    void *to)
{
	const char *const *text = from;

	if (!is_text(o->type)) {
		memcpy(to, from, field_size(o->type));
		return true;
	}

	const char *copy = arena_copy(mem, *text, strlen(*text) + 1);

	memcpy(to, &copy, sizeof(copy));
	return copy != NULL;
}
