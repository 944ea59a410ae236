/*
 * All processes append to one file. A line is one write(2), which the kernel
 * does not mix with others. A full disk loses lines but fails no request.
 */
#include "lib/os/log.h"

#include "lib/base/panic.h"
#include "lib/os/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static struct {
	int fd;
	enum log_level level;
	char path[1024];
	uint64_t dropped;
	bool is_torn; /* the last line was written in part */
} sink = { .fd = STDERR_FILENO, .level = LOG_INFO };

static const char *const level_names[] = {
	[LOG_DEBUG] = "debug",
	[LOG_INFO] = "info",
	[LOG_WARN] = "warn",
	[LOG_ERROR] = "error",
	[LOG_ALERT] = "alert",
};

const char *
log_level_name(enum log_level level)
{
	return level_names[level];
}

bool
log_level_of(struct str name, enum log_level *level)
{
	for (size_t i = 0; i < ARRAY_LEN(level_names); i++) {
		if (str_eq(name, str_of(level_names[i]))) {
			*level = (enum log_level)i;
			return true;
		}
	}
	return false;
}

static int
open_path(const char *path)
{
	if (strcmp(path, "-") == 0)
		return fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
}

static void
log_bug(const char *where, const char *sentence)
{
	struct log_line l;

	log_begin(&l, LOG_ALERT, "BUG");
	log_text(&l, "where", where);
	log_text(&l, "detail", sentence);
	log_end(&l);
}

bool
log_open(const char *path, enum log_level level)
{
	if (strlen(path) >= sizeof(sink.path)) {
		errno = ENAMETOOLONG;
		return false;
	}

	int fd = open_path(path);

	if (fd < 0)
		return false;
	if (sink.fd > STDERR_FILENO)
		close(sink.fd);
	memcpy(sink.path, path, strlen(path) + 1);
	sink.fd = fd;
	sink.level = level;
	panic_report_to(log_bug);
	return true;
}

void
log_reopen(void)
{
	int fd = sink.path[0] ? open_path(sink.path) : -1;

	if (fd < 0)
		return;
	/* Keep the number: a child that is being forked may hold it. */
	if (sink.fd > STDERR_FILENO) {
		dup3(fd, sink.fd, O_CLOEXEC);
		close(fd);
	} else {
		sink.fd = fd;
	}
}

void
log_hand_over(uid_t user)
{
	if (sink.path[0] == '/' && fchown(sink.fd, user, (gid_t)-1) < 0)
		log_event(LOG_WARN, "log_not_ours",
		    "the log file stays owned by root and cannot be reopened");
}

uint64_t
log_dropped(void)
{
	return sink.dropped;
}

void
log_begin(struct log_line *l, enum log_level level, const char *event)
{
	char when[CLOCK_TEXT];

	l->wanted = level >= sink.level;
	if (!l->wanted)
		return;
	/* Leave two bytes for the end of the line. */
	buf_init_fixed(&l->text, l->line, sizeof(l->line) - 2);
	clock_text(clock_wall_us(), when);
	buf_printf(&l->text, "{\"time\":\"%s\",\"level\":\"%s\",\"pid\":%d",
	    when, level_names[level], (int)getpid());
	log_text(l, "event", event);
}

/* Removes a field that does not fit, so that the line stays JSON. */
static void
field_end(struct log_line *l, size_t before)
{
	if (l->text.failed)
		l->text.n = before;
}

void
log_str(struct log_line *l, const char *name, struct str value)
{
	if (!l->wanted)
		return;

	size_t before = l->text.n;

	buf_printf(&l->text, ",\"%s\":", name);
	buf_json(&l->text, value);
	field_end(l, before);
}

void
log_text(struct log_line *l, const char *name, const char *value)
{
	log_str(l, name, str_of(value));
}

void
log_int(struct log_line *l, const char *name, int64_t value)
{
	if (!l->wanted)
		return;

	size_t before = l->text.n;

	buf_printf(&l->text, ",\"%s\":%lld", name, (long long)value);
	field_end(l, before);
}

void
log_end(struct log_line *l)
{
	if (!l->wanted)
		return;
	l->line[l->text.n] = '}';
	l->line[l->text.n + 1] = '\n';

	int was = errno;
	size_t n = l->text.n + 2;
	ssize_t written;

	/* The disk was full in the middle of a line: end that line first. */
	if (sink.is_torn && write(sink.fd, "\n", 1) == 1)
		sink.is_torn = false;
	written = write(sink.fd, l->line, n);
	if (written != (ssize_t)n)
		sink.dropped++;
	if (written > 0 && written < (ssize_t)n)
		sink.is_torn = true;
	errno = was;
}

void
log_event(enum log_level level, const char *event, const char *format, ...)
{
	struct log_line l;
	char sentence[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	log_begin(&l, level, event);
	log_text(&l, "detail", sentence);
	log_end(&l);
}
