/*
 * The clocks. Tests move the wall clock of all processes of a stack at once
 * by writing to the mapped file; in production no file is mapped.
 */
#include "lib/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SECONDS_PER_DAY = 86400 };

static const volatile int64_t *shift_ns;

bool
clock_shift_by(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *at = MAP_FAILED;

	if (fd < 0)
		return false;
	if (fstat(fd, &st) == 0 && st.st_size >= (off_t)sizeof(int64_t))
		at = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
	else
		errno = EINVAL;
	close(fd);
	if (at == MAP_FAILED)
		return false;
	shift_ns = at;
	return true;
}

static int64_t
now(clockid_t which)
{
	struct timespec t;

	clock_gettime(which, &t);
	return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

int64_t
clock_wall_us(void)
{
	return (now(CLOCK_REALTIME) + (shift_ns ? *shift_ns : 0)) / NS_PER_US;
}

int64_t
clock_machine_us(void)
{
	return now(CLOCK_REALTIME) / NS_PER_US;
}

int64_t
clock_mono_ns(void)
{
	return now(CLOCK_MONOTONIC);
}

int32_t
clock_day(int64_t wall_us)
{
	return (int32_t)(wall_us / (SECONDS_PER_DAY * US_PER_S));
}

void
clock_text(int64_t wall_us, char to[CLOCK_TEXT])
{
	time_t seconds = (time_t)(wall_us / US_PER_S);
	struct tm tm;
	size_t n;

	gmtime_r(&seconds, &tm);
	n = strftime(to, CLOCK_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(to + n, CLOCK_TEXT - n, ".%06dZ", (int)(wall_us % US_PER_S));
}

void
buf_time(struct buf *b, int64_t wall_us)
{
	char text[CLOCK_TEXT];

	clock_text(wall_us, text);
	buf_printf(b, "\"%s\"", text);
}

int
clock_ms_left(int64_t deadline_ns)
{
	int64_t left = deadline_ns - clock_mono_ns();

	if (left <= 0)
		return 0;
	/* Rounded up, or poll would spin through the last millisecond. */
	left = (left + NS_PER_MS - 1) / NS_PER_MS;
	return left > INT_MAX ? INT_MAX : (int)left;
}
