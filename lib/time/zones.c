/*
 * A few processes look up the zones of many jobs. A linear search of 64 names
 * costs less than the stat() that it saves.
 */
#include "lib/time/zones.h"

#include "lib/os/clock.h"
#include "lib/time/zone_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYSTEM_FOLDER "/usr/share/zoneinfo"
#define UNREADABLE    "The time zone data cannot be read. Try again."
#define ADVICE        "Use a name of the IANA database, such as Europe/Rome."

enum { ENTRIES = 64, PATH_LENGTH = 4096 };

static const int64_t recheck_ns = 5 * NS_PER_S;

/* It differs when a file has changed. */
struct version {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec modified;
};

struct entry {
	char name[ZONE_NAME_MAX + 1];
	struct zone *zone; /* NULL: the entry is free */
	struct version version;
	int64_t checked_ns, used_ns;
};

struct zones {
	const char *folder;
	struct entry entries[ENTRIES];
};

struct zones *
zones_new(const char *folder)
{
	struct zones *z = calloc(1, sizeof(*z));

	if (z)
		z->folder = folder ? folder : SYSTEM_FOLDER;
	return z;
}

void
zones_free(struct zones *z)
{
	if (!z)
		return;
	for (size_t i = 0; i < ENTRIES; i++)
		zone_free(z->entries[i].zone);
	free(z);
}

void
zones_expire(struct zones *z)
{
	for (size_t i = 0; i < ENTRIES; i++)
		z->entries[i].checked_ns = 0;
}

static bool
is_name_character(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c >= '0' && c <= '9') || (c && strchr("_+-/", c));
}

/*
 * Without "." no name leaves the folder. "right" counts leap seconds, "posix"
 * repeats all other names, and the last two depend on the machine.
 */
static const char *
fault_of_name(struct str name)
{
	if (!name.n)
		return "The time zone is empty. " ADVICE;
	if (name.n > ZONE_NAME_MAX)
		return "The time zone is longer than 64 characters. " ADVICE;
	for (size_t i = 0; i < name.n; i++)
		if (!is_name_character(name.p[i]))
			return "The time zone has a character that no time zone "
			       "has. " ADVICE;
	if (name.p[0] == '/' || str_starts(name, STR("right/")) ||
	    str_starts(name, STR("posix/")) || str_eq(name, STR("localtime")) ||
	    str_eq(name, STR("posixrules")))
		return "The time zone is not a name of the IANA database, such "
		       "as Europe/Rome.";
	return NULL;
}

static struct entry *
find_entry(struct zones *z, struct str name)
{
	for (size_t i = 0; i < ENTRIES; i++)
		if (z->entries[i].zone &&
		    str_eq(str_of(z->entries[i].name), name))
			return &z->entries[i];
	return NULL;
}

static struct entry *
oldest_entry(struct zones *z)
{
	struct entry *oldest = &z->entries[0];

	for (size_t i = 0; i < ENTRIES; i++) {
		struct entry *e = &z->entries[i];

		if (!e->zone)
			return e;
		if (e->used_ns < oldest->used_ns)
			oldest = e;
	}
	return oldest;
}

static struct version
version_of(const struct stat *st)
{
	return (struct version){
		.device = st->st_dev,
		.inode = st->st_ino,
		.size = st->st_size,
		.modified = st->st_mtim,
	};
}

static bool
is_same(const struct version *a, const struct version *b)
{
	return a->device == b->device && a->inode == b->inode &&
	    a->size == b->size && a->modified.tv_sec == b->modified.tv_sec &&
	    a->modified.tv_nsec == b->modified.tv_nsec;
}

/* The bytes of the file; -1 with errno, or if it is no plain file that fits. */
static ssize_t
read_file(const char *path, char *to, size_t room, struct version *version)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t n = -1, got = 1;
	struct stat st;

	if (fd < 0)
		return -1;
	errno = 0;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		*version = version_of(&st);
		for (n = 0; got > 0 && (size_t)n < room; n += got) {
			got = read(fd, to + n, room - (size_t)n);
			if (got < 0)
				break;
		}
		if (got)
			n = -1;
	}
	close(fd);
	return n;
}

/* A missing folder is the operator's fault, a missing file the caller's. */
static enum err
fail_to_read(const struct zones *z, const char **problem)
{
	bool is_unknown = errno == 0 || errno == ENOENT || errno == ENOTDIR;

	if (is_unknown && access(z->folder, F_OK) == 0) {
		*problem = "The time zone is not known. " ADVICE;
		return E_BAD_REQUEST;
	}
	*problem = is_unknown
	    ? "The host has no time zone data. Install the package tzdata."
	    : UNREADABLE;
	return E_UNAVAILABLE;
}

/* Other files of tzdata are not zones. */
static bool
is_tzif(struct str file)
{
	return str_starts(file, STR("TZif"));
}

static enum err
read_zone(const struct zones *z, const char *path, struct zone **zone,
    struct version *version, const char **problem)
{
	char bytes[ZONE_FILE_MAX];
	ssize_t n = read_file(path, bytes, sizeof(bytes), version);
	struct str file = { bytes, (size_t)(n < 0 ? 0 : n) };

	if (n < 0 || !is_tzif(file)) {
		if (n >= 0)
			errno = 0;
		return fail_to_read(z, problem);
	}
	*zone = zone_new(file, problem);
	if (*zone)
		return OK;
	*problem = *problem
	    ? "The file of the time zone is damaged. Install the package "
	      "tzdata again."
	    : UNREADABLE;
	return E_UNAVAILABLE;
}

/* A file that has changed and cannot be read leaves the zone as it was. */
static void
refresh(const struct zones *z, struct entry *e, const char *path)
{
	struct version version;
	struct zone *zone;
	const char *problem;
	struct stat st;

	if (stat(path, &st) == 0) {
		version = version_of(&st);
		if (is_same(&version, &e->version))
			return;
	}
	if (read_zone(z, path, &zone, &version, &problem) != OK)
		return;
	zone_free(e->zone);
	e->zone = zone;
	e->version = version;
}

static enum err
add(struct zones *z, struct str name, const char *path, struct entry **to,
    const char **problem)
{
	struct version version;
	struct zone *zone;
	enum err e = read_zone(z, path, &zone, &version, problem);

	if (e != OK)
		return e;
	*to = oldest_entry(z);
	zone_free((*to)->zone);
	**to = (struct entry){ .zone = zone, .version = version };
	memcpy((*to)->name, name.p, name.n);
	return OK;
}

enum err
zones_find(struct zones *z, struct str name, const struct zone **zone,
    const char **problem)
{
	int64_t now = clock_mono_ns();
	char path[PATH_LENGTH];
	struct entry *e;
	enum err error;

	*problem = fault_of_name(name);
	if (*problem)
		return E_BAD_REQUEST;
	if (str_eq(name, STR("UTC"))) {
		*zone = zone_utc();
		return OK;
	}
	snprintf(path, sizeof(path), "%s/%.*s", z->folder, STR_ARGS(name));
	e = find_entry(z, name);
	if (!e) {
		error = add(z, name, path, &e, problem);
		if (error != OK)
			return error;
		e->checked_ns = now;
	} else if (!e->checked_ns || now - e->checked_ns >= recheck_ns) {
		refresh(z, e, path);
		e->checked_ns = now;
	}
	e->used_ns = now;
	*zone = e->zone;
	return OK;
}
