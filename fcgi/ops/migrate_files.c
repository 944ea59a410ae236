/*
 * Reading the migration files: both/NNN_name.up.sql and .down.sql are for both
 * databases, those in live/ for the live one. The numbers in the two folders
 * form one sequence from 001. All faults are printed before anything is
 * applied.
 */
#include "fcgi/ops/migrate.h"

#include "lib/base/panic.h"
#include "lib/crypto/crypt.h"
#include "lib/os/conf_type.h"

#include <dirent.h>
#include <errno.h>

enum {
	NUMBER_MAX = 999,
	FILE_MAX = 1 << 20,
	NAME_ROOM = 300, /* a folder of ours and a name of readdir() */
	PATH_ROOM = 4400,
};

struct reader {
	struct arena *mem;
	const char *dir;
	struct migration list[NUMBER_MAX];
	int newest;
	size_t faults;
};

static void fault(struct reader *, const char *format, ...) PRINTF_LIKE(2, 3);

static void
fault(struct reader *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "io7: %s/", r->dir);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	r->faults++;
}

/* Parses NNN_name.up.sql or NNN_name.down.sql; *name_n: length of NNN_name. */
static bool
parse_name(const char *file, size_t *name_n, bool *is_up)
{
	size_t digits = strspn(file, "0123456789");
	size_t n = strspn(file, "abcdefghijklmnopqrstuvwxyz0123456789_");

	*name_n = n;
	*is_up = strcmp(file + n, ".up.sql") == 0;
	return digits == 3 && file[3] == '_' && n > 4 &&
	    (*is_up || strcmp(file + n, ".down.sql") == 0);
}

static const char *
read_text(struct reader *r, const char *name)
{
	char path[PATH_ROOM];
	struct str text;
	const char *problem;
	char *copy = NULL;

	snprintf(path, sizeof(path), "%s/%s", r->dir, name);
	problem = conf_slurp(r->mem, path, FILE_MAX, 0, &text);
	if (!problem)
		copy = arena_copy(r->mem, text.p, text.n);
	if (!copy)
		fault(r, "%s: %s", name, problem ? problem : "is too large");
	return copy;
}

/* The migration that the file belongs to; NULL if the name is at fault. */
static struct migration *
find(struct reader *r, const char *folder, const char *file, size_t name_n)
{
	int number =
	    100 * (file[0] - '0') + 10 * (file[1] - '0') + (file[2] - '0');
	struct migration *m;
	char name[NAME_ROOM];

	if (number == 0) {
		fault(r, "%s/%s: the first number is 001", folder, file);
		return NULL;
	}
	m = &r->list[number - 1];
	snprintf(name, sizeof(name), "%s/%.*s", folder, (int)name_n, file);
	if (!m->name) {
		m->number = number;
		m->name = arena_copy(r->mem, name, strlen(name));
		m->live_only = strcmp(folder, "live") == 0;
	}
	if (m->name && strcmp(m->name, name) != 0) {
		fault(r, "%s/%s: number %03d is %s already", folder, file,
		    number, m->name);
		return NULL;
	}
	if (number > r->newest)
		r->newest = number;
	return m;
}

static struct str
checksum_of(struct reader *r, const char *text)
{
	uint8_t digest[CRYPT_SHA256];
	const char *copy = NULL;

	if (crypt_sha256(str_of(text), digest))
		copy = arena_copy(r->mem, digest, sizeof(digest));
	if (!copy)
		die(EXIT_FAILURE, "SHA-256 is not available");
	return (struct str){ copy, sizeof(digest) };
}

static void
add_file(struct reader *r, const char *folder, const char *file)
{
	char name[NAME_ROOM];
	struct migration *m;
	const char *text;
	size_t name_n;
	bool is_up;

	if (!parse_name(file, &name_n, &is_up)) {
		fault(r, "%s/%s: is not named NNN_name.up.sql or .down.sql",
		    folder, file);
		return;
	}
	m = find(r, folder, file, name_n);
	snprintf(name, sizeof(name), "%s/%s", folder, file);
	text = m ? read_text(r, name) : NULL;
	if (!text)
		return;
	if (!is_up) {
		m->down = text;
		return;
	}
	m->up = text;
	m->checksum = checksum_of(r, text);
}

static void
read_folder(struct reader *r, const char *folder)
{
	char path[PATH_ROOM];
	struct dirent *entry;
	DIR *d;

	snprintf(path, sizeof(path), "%s/%s", r->dir, folder);
	d = opendir(path);
	if (!d) {
		fault(r, "%s: %s", folder, strerror(errno));
		return;
	}
	while ((entry = readdir(d)))
		if (entry->d_name[0] != '.')
			add_file(r, folder, entry->d_name);
	closedir(d);
}

static void
check_sequence(struct reader *r)
{
	for (int i = 0; i < r->newest; i++) {
		const struct migration *m = &r->list[i];

		if (!m->name)
			fault(r,
			    "both: there is no number %03d, here or in"
			    " live",
			    i + 1);
		else if (!m->up)
			fault(r, "%s.up.sql is missing", m->name);
		else if (!m->down)
			fault(r, "%s.down.sql is missing", m->name);
	}
}

bool
migrations_read(struct arena *mem, const char *dir, struct migrations *files)
{
	struct reader *r = arena_alloc(mem, sizeof(*r));

	if (!r)
		die(EXIT_FAILURE, "no memory");
	r->mem = mem;
	r->dir = dir;
	read_folder(r, "both");
	read_folder(r, "live");
	check_sequence(r);
	*files = (struct migrations){ r->list, (size_t)r->newest };
	return r->faults == 0;
}
