/*
 * `io7 top`: prints the tables of `io7 status` every second. On a terminal it
 * redraws the screen until q or Ctrl-C; elsewhere it prints one table after
 * another.
 */
#include "fcgi/ops/command.h"
#include "fcgi/ops/status.h"
#include "lib/base/panic.h"
#include "lib/base/str.h"
#include "lib/os/clock.h"
#include "lib/os/proc.h"
#include "lib/shm/scoreboard.h"
#include "version.h"

#include <poll.h>
#include <sysexits.h>
#include <termios.h>
#include <unistd.h>

static volatile sig_atomic_t is_asked_to_end;

static void
on_signal(int signal)
{
	(void)signal;
	is_asked_to_end = 1;
}

/* The settings of the terminal, restored when the process exits. */
static struct termios before;

static void
restore_terminal(void)
{
	tcsetattr(STDIN_FILENO, TCSANOW, &before);
	fputs("\033[?25h\033[?1049l", stdout);
}

/* No echo, no line buffering, and the alternate screen. */
static bool
set_up_terminal(void)
{
	struct termios is;

	if (!isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &before) < 0)
		return false;
	is = before;
	is.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	tcsetattr(STDIN_FILENO, TCSANOW, &is);
	fputs("\033[?1049h\033[?25l", stdout);
	atexit(restore_terminal);
	return true;
}

/* Waits a second; true if q was pressed. */
static bool
wait_for_key(bool on_terminal)
{
	struct pollfd in = { .fd = on_terminal ? STDIN_FILENO : -1,
		.events = POLLIN };
	char key;

	return poll(&in, 1, 1000) > 0 &&
	    (read(STDIN_FILENO, &key, 1) != 1 || key == 'q');
}

/* Opens the scoreboard each time: a new supervisor creates a new one. */
static void
draw(const struct options *opts, bool on_terminal, uint64_t *requests)
{
	struct scoreboard scoreboard;
	uint64_t now;

	status_open(&scoreboard, opts);
	now = status_requests(&scoreboard);
	if (on_terminal)
		fputs("\033[H\033[2J", stdout);
	printf("io7 %s, up %lld s, %llu requests a second\n\n", IO7_VERSION,
	    (long long)((clock_mono_ns() - scoreboard.head->started_ns) /
		NS_PER_S),
	    (unsigned long long)(now > *requests ? now - *requests : 0));
	*requests = now;
	status_print(&scoreboard, opts);
	fflush(stdout);
	scoreboard_close(&scoreboard);
}

static uint64_t
count_of(struct args *args)
{
	const char *text = args_value(args, "--count");
	uint64_t n = UINT64_MAX;

	if (text && (!str_to_u64(str_of(text), &n) || n == 0))
		die(EX_USAGE, "top: --count needs a number");
	return n;
}

int
command_top(struct args *args)
{
	uint64_t count = count_of(args), requests = UINT64_MAX;
	const struct options *opts = args_options(args);
	struct scoreboard scoreboard;
	bool on_terminal;

	args_end(args);
	/* Fail before the screen is cleared if no supervisor is running. */
	status_open(&scoreboard, opts);
	scoreboard_close(&scoreboard);
	proc_on_signal(SIGINT, on_signal);
	proc_on_signal(SIGTERM, on_signal);
	on_terminal = set_up_terminal();
	for (uint64_t i = 0; i < count && !is_asked_to_end; i++) {
		if (i && wait_for_key(on_terminal))
			break;
		if (!is_asked_to_end)
			draw(opts, on_terminal, &requests);
	}
	return EXIT_SUCCESS;
}
