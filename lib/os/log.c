/*
 * All processes append to one file. Whole lines are written by one write(2),
 * which the kernel does not mix with others: up to KEPT_MAX bytes of them to a
 * file, and PIPE_BUF to anything else. A full disk loses lines but fails no
 * request.
 */
#include "lib/os/log.h"

#include "lib/base/panic.h"
#include "lib/os/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEPT_MAX = 32768 };

static struct {
	int fd;
	enum log_level level;
	char path[1024];
	uint64_t dropped;
	bool is_torn; /* the last line was written in part */
	pid_t pid;    /* 0: not known */
} sink = { .fd = STDERR_FILENO, .level = LOG_INFO };

/* Lines that are not written yet. */
static struct {
	size_t n, max; /* max 0: none are kept */
	uint64_t lines;
	char text[KEPT_MAX];
} kept;

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

/* A forked process has another id, and its parent writes the parent's lines. */
static void
forget_parent(void)
{
	sink.pid = getpid();
	kept.n = kept.lines = 0;
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
	if (!sink.pid)
		pthread_atfork(NULL, NULL, forget_parent);
	forget_parent();
	return true;
}

void
log_reopen(void)
{
	int fd;

	log_flush();
	fd = sink.path[0] ? open_path(sink.path) : -1;
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
log_close(void)
{
	if (sink.fd > STDERR_FILENO)
		close(sink.fd);
	sink.fd = -1;
	sink.path[0] = '\0';
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
	l->is_urgent = level >= LOG_WARN;
	if (!l->wanted)
		return;
	/* Leave two bytes for the end of the line. */
	buf_init_fixed(&l->text, l->line, sizeof(l->line) - 2);
	clock_text(clock_wall_us(), when);
	buf_puts(&l->text, "{\"time\":\"");
	buf_puts(&l->text, when);
	buf_puts(&l->text, "\",\"level\":\"");
	buf_puts(&l->text, level_names[level]);
	buf_puts(&l->text, "\",\"pid\":");
	buf_int(&l->text, sink.pid ? sink.pid : getpid());
	log_text(l, "event", event);
}

static void
field_begin(struct log_line *l, const char *name)
{
	buf_puts(&l->text, ",\"");
	buf_puts(&l->text, name);
	buf_puts(&l->text, "\":");
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

	field_begin(l, name);
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

	field_begin(l, name);
	buf_int(&l->text, value);
	field_end(l, before);
}

static void
write_lines(const char *text, size_t n, uint64_t lines)
{
	int was = errno;
	ssize_t written;

	/* The disk was full in the middle of a line: end that line first. */
	if (sink.is_torn && write(sink.fd, "\n", 1) == 1)
		sink.is_torn = false;
	written = write(sink.fd, text, n);
	if (written != (ssize_t)n)
		sink.dropped += lines;
	if (written > 0 && written < (ssize_t)n)
		sink.is_torn = true;
	errno = was;
}

void
log_keep(void)
{
	struct stat st;
	bool is_file = fstat(sink.fd, &st) == 0 && S_ISREG(st.st_mode);

	kept.max = is_file ? KEPT_MAX : PIPE_BUF;
}

bool
log_has_kept(void)
{
	return kept.n > 0;
}

void
log_flush(void)
{
	if (kept.n)
		write_lines(kept.text, kept.n, kept.lines);
	kept.n = kept.lines = 0;
}

void
log_end(struct log_line *l)
{
	size_t n;

	if (!l->wanted)
		return;
	n = l->text.n + 2;
	l->line[l->text.n] = '}';
	l->line[l->text.n + 1] = '\n';
	if (kept.n + n > kept.max)
		log_flush();
	if (n > kept.max) {
		write_lines(l->line, n, 1);
		return;
	}
	memcpy(kept.text + kept.n, l->line, n);
	kept.n += n;
	kept.lines++;
	if (l->is_urgent)
		log_flush();
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
