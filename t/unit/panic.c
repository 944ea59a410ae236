/*
 * die() prints a reason and exits; BUG() reports and aborts, by its own reporter
 * or by the one that was set.
 */
#include "lib/base/panic.h"
#include "t/unit/tap.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static char said[8192];

/* Runs it in a child and stores its standard error in `said`. */
static int
status_of(void (*run)(void))
{
	int status = 0, ends[2];
	size_t n = 0;
	ssize_t got;
	pid_t child;

	fflush(stdout);
	if (pipe(ends) < 0)
		abort();
	child = fork();
	if (child == 0) {
		dup2(ends[1], STDERR_FILENO);
		run();
		_exit(0);
	}
	close(ends[1]);
	while ((got = read(ends[0], said + n, sizeof(said) - 1 - n)) > 0)
		n += (size_t)got;
	said[n] = '\0';
	close(ends[0]);
	waitpid(child, &status, 0);
	return status;
}

static void
run_die(void)
{
	die(78, "because of %d", 7);
}

static void
run_long(void)
{
	static char large[10000];

	memset(large, 'x', sizeof(large) - 1);
	die(1, "%s", large);
}

static void
run_bug(void)
{
	BUG("the answer is %d", 42);
}

static void
report(const char *where, const char *sentence)
{
	fprintf(stderr, "[%s] %s", where, sentence);
}

static void
run_reported(void)
{
	panic_report_to(report);
	BUG("the answer is %d", 42);
}

int
main(void)
{
	int status = status_of(run_die);

	ok(WIFEXITED(status) && WEXITSTATUS(status) == 78, "die: exit code");
	is_str(said, "io7: because of 7\n", "die: the reason");
	status = status_of(run_long);
	ok(WIFEXITED(status) && strlen(said) > 4000 && strlen(said) < 4200 &&
		said[strlen(said) - 1] == '\n',
	    "die: a long reason is cut and ends its line");
	status = status_of(run_bug);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "BUG: aborts");
	ok(strncmp(said, "io7: BUG at t/unit/panic.c:", 27) == 0 &&
		strstr(said, ": the answer is 42\n"),
	    "BUG() prints file and reason");
	status = status_of(run_reported);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT,
	    "BUG: aborts after another reporter");
	ok(strncmp(said, "[t/unit/panic.c:", 16) == 0 &&
		strstr(said, "] the answer is 42"),
	    "BUG: the reporter that was set");
	return tap_done();
}
