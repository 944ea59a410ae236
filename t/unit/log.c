/*
 * The log: each line is JSON and within the size limit, whatever it contains.
 * Lines that cannot be written are counted.
 */
#include "lib/os/log.h"
#include "lib/base/panic.h"
#include "lib/json/json.h"
#include "t/unit/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static char path[] = "/tmp/io7-log-XXXXXX";
static char text[64 * 1024];

/* Returns the content of the log file and empties the file. */
static struct str
logged(void)
{
	int fd = open(path, O_RDWR);
	ssize_t n = read(fd, text, sizeof(text));

	if (ftruncate(fd, 0) < 0)
		abort();
	close(fd);
	return (struct str){ text, n < 0 ? 0 : (size_t)n };
}

static bool
is_line(struct str s)
{
	return s.n > 0 && s.n <= 4096 && s.p[s.n - 1] == '\n' &&
	    memchr(s.p, '\n', s.n) == s.p + s.n - 1 &&
	    json_check(s, 1, NULL, NULL);
}

static bool
holds(struct str s, const char *part)
{
	return memmem(s.p, s.n, part, strlen(part)) != NULL;
}

static void
test_levels(void)
{
	enum log_level level;

	for (int i = LOG_DEBUG; i <= LOG_ALERT; i++) {
		const char *name = log_level_name((enum log_level)i);

		ok(log_level_of(str_of(name), &level) && (int)level == i,
		    "%s is a level", name);
	}
	ok(!log_level_of(STR("loud"), &level), "loud is not a level");
	ok(log_open(path, LOG_WARN), "open the log for warnings");
	log_event(LOG_INFO, "quiet", "not said");
	is_int((long long)logged().n, 0, "lower levels are not logged");
	log_event(LOG_WARN, "heard", "said");
	ok(is_line(logged()), "the level itself is logged");
}

static void
test_fields(void)
{
	struct log_line l;
	struct str s;

	log_begin(&l, LOG_INFO, "request");
	log_text(&l, "route", "/kv/\"quoted\"\n");
	log_int(&l, "us", -42);
	log_text(&l, "nothing", NULL);
	log_str(&l, "bytes", STR("\0\xFF"));
	errno = ERANGE;
	log_end(&l);
	is_int(errno, ERANGE, "errno is kept");
	s = logged();
	ok(is_line(s), "the line is JSON");
	ok(str_starts(s, STR("{\"time\":\"2")), "it begins with the time");
	ok(holds(s, "\"level\":\"info\"") && holds(s, "\"event\":\"request\""),
	    "it has level and event");
	ok(holds(s, "\"route\":\"/kv/\\\"quoted\\\"\\n\""),
	    "quotes and line breaks are escaped");
	ok(holds(s, "\"us\":-42,\"nothing\":\"\","),
	    "NULL is logged as an empty text");
	ok(holds(s, "\"bytes\":\"\\u0000\xEF\xBF\xBD\""),
	    "invalid UTF-8 is replaced");
}

static void
test_garbage(void)
{
	uint32_t seed = 7;
	bool good = true;
	char junk[300];

	for (int round = 0; round < 200; round++) {
		struct log_line l;

		for (size_t i = 0; i < sizeof(junk); i++) {
			seed = seed * 1664525 + 1013904223;
			junk[i] = (char)(seed >> 24);
		}
		log_begin(&l, LOG_INFO, "junk");
		log_str(&l, "a", (struct str){ junk, seed % sizeof(junk) });
		log_str(&l, "b", (struct str){ junk, sizeof(junk) });
		log_end(&l);
		good &= is_line(logged());
	}
	ok(good, "two hundred lines of random bytes are JSON");
}

static void
test_cut(void)
{
	static char large[5000];
	struct log_line l;
	struct str s;

	memset(large, 'x', sizeof(large) - 1);
	log_begin(&l, LOG_INFO, "large");
	log_int(&l, "before", 1);
	log_text(&l, "large", large);
	log_int(&l, "after", 1);
	log_end(&l);
	s = logged();
	ok(is_line(s), "a line that was cut is JSON");
	ok(holds(s, "before") && !holds(s, "xxx"),
	    "a field that does not fit is left out");

	log_begin(&l, LOG_INFO, "many");
	for (int i = 0; i < 1000; i++)
		log_int(&l, "n", i);
	log_end(&l);
	s = logged();
	ok(is_line(s) && s.n > 4000, "many small fields fill the line");

	log_event(LOG_INFO, "large", "%s", large);
	ok(is_line(logged()), "a long sentence is cut");
}

static void
test_reopen(void)
{
	char moved[sizeof(path) + 2];

	snprintf(moved, sizeof(moved), "%s.1", path);
	rename(path, moved);
	log_event(LOG_INFO, "old", "goes to the old file");
	ok(access(path, F_OK) < 0, "a renamed file stays in use");
	log_reopen();
	log_event(LOG_INFO, "new", "goes to the new one");
	ok(holds(logged(), "\"new\""), "log_reopen() opens the new file");
	unlink(moved);
}

static void
test_full_disk(void)
{
	uint64_t before = log_dropped();

	ok(log_open("/dev/full", LOG_INFO), "open a full disk");
	log_event(LOG_INFO, "lost", "first lost line");
	log_event(LOG_INFO, "lost", "second lost line");
	is_int((long long)(log_dropped() - before), 2,
	    "dropped lines are counted");
	ok(!log_open("/nowhere/at/all", LOG_INFO) && errno == ENOENT,
	    "log_open() fails for a missing folder");
	ok(log_open(path, LOG_INFO), "open the file again");
	log_event(LOG_INFO, "back", "here again");
	ok(is_line(logged()), "logging works again");
}

/* Returns the wait status of a child that runs this function. */
static int
status_of(void (*run)(void))
{
	int status = 0;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		if (!freopen("/dev/null", "w", stderr))
			abort();
		run();
		_exit(0);
	}
	waitpid(child, &status, 0);
	return status;
}

static void
run_die(void)
{
	die(78, "because of %d", 7);
}

static void
run_bug(void)
{
	BUG("the answer is %d", 42);
}

static void
test_ends(void)
{
	int status = status_of(run_die);
	struct str s;

	ok(WIFEXITED(status) && WEXITSTATUS(status) == 78,
	    "die() ends with the exit code");
	is_int((long long)logged().n, 0, "die() logs nothing");
	status = status_of(run_bug);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "BUG() aborts");
	s = logged();
	ok(is_line(s) && holds(s, "\"level\":\"alert\"") &&
		holds(s, "t/unit/log.c:") && holds(s, "the answer is 42"),
	    "BUG() logs an alert with file and reason");
}

static size_t
lines_of(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '\n';
	return n;
}

/* In a child, because log_keep() holds for the rest of a process. */
static void
keep_lines(void)
{
	if (!log_open(path, LOG_INFO))
		_exit(1);
	log_keep();
	log_event(LOG_INFO, "first", "kept");
	log_event(LOG_INFO, "second", "kept");
	if (logged().n != 0 || !log_has_kept())
		_exit(2);
	log_flush();
	if (lines_of(logged()) != 2 || log_has_kept())
		_exit(3);
	log_event(LOG_INFO, "third", "kept");
	log_event(LOG_WARN, "fourth", "written with those before it");
	if (lines_of(logged()) != 2)
		_exit(4);
	for (int i = 0; i < 1000; i++)
		log_event(LOG_INFO, "many",
		    "a line of a hundred bytes or more,"
		    " so that the buffer is filled");
	log_flush();
	_exit(0);
}

static void
test_kept(void)
{
	int status = -1, fd;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0)
		keep_lines();
	waitpid(pid, &status, 0);
	ok(status == 0,
	    "lines are kept until a flush, a warning or a full buffer");
	fd = open(path, O_RDWR);
	ok(lseek(fd, 0, SEEK_END) > 100 * 1000, "no line is lost");
	if (ftruncate(fd, 0) < 0)
		abort();
	close(fd);
}

int
main(void)
{
	close(mkstemp(path));
	test_levels();
	if (!log_open(path, LOG_INFO))
		abort();
	test_fields();
	test_garbage();
	test_cut();
	test_reopen();
	test_full_disk();
	test_ends();
	test_kept();
	unlink(path);
	return tap_done();
}
