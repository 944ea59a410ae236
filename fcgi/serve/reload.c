/*
 * Reloading the configuration, and executing a new program.
 *
 * An upgrade executes the file that the supervisor was started from, which may
 * have been replaced. The process id stays. The sockets stay open, and requests
 * wait in them for a moment. The old workers see the end of the control pipe,
 * finish their requests and leave.
 */
#include "fcgi/serve/reload.h"

#include "fcgi/options.h"
#include "lib/base/str.h"
#include "lib/os/log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

bool
reload_log(const struct options *opts)
{
	enum log_level level = LOG_INFO;

	if (log_level_of(str_of(opts->log_level), &level) &&
	    log_open(opts->log, level))
		return true;
	return false;
}

static bool
has_faults(const struct conf *conf)
{
	for (size_t i = 0; i < conf_faults(conf); i++)
		log_event(LOG_ERROR, "fault", "%s", conf_fault(conf, i));
	return conf_faults(conf) != 0;
}

struct conf *
reload_read(const char *file, const struct conf *in_force)
{
	struct conf *conf = options_read(file);
	const struct options *opts = options_of(conf);
	const char *name;
	size_t at = 0;

	if (has_faults(conf)) {
		conf_free(conf);
		return NULL;
	}
	if (!reload_log(opts)) {
		log_event(LOG_ERROR, "fault", "%s: %s", opts->log,
		    strerror(errno));
		conf_free(conf);
		return NULL;
	}
	while ((name = conf_diff(in_force, conf, &at)))
		log_event(LOG_WARN, "option_is_fixed",
		    "%s changes only with a restart", name);
	conf_keep_fixed(in_force, conf);
	return conf;
}

enum { WORDS_MAX = 64, WORDS_BYTES = 16 * 1024 };

void
program_open(struct program *p)
{
	ssize_t n = readlink("/proc/self/exe", p->path, sizeof(p->path) - 1);
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t got = -1;

	p->path[n > 0 ? n : 0] = '\0';
	p->words = malloc(WORDS_BYTES);
	if (fd >= 0 && p->words)
		got = read(fd, p->words, WORDS_BYTES);
	if (fd >= 0)
		close(fd);
	p->n = got > 0 ? (size_t)got : 0;
}

void
program_close(struct program *p)
{
	free(p->words);
}

/* Undoes the supervisor's blocking of signals. */
static void
open_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

pid_t
program_check(const struct program *p, const char *file)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	open_signals();
	/* The exit code is enough; errors stay on standard error. */
	dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
	if (file)
		execl(p->path, "io7", "check", "-c", file, (char *)NULL);
	else
		execl(p->path, "io7", "check", (char *)NULL);
	_exit(EXIT_FAILURE);
}

void
program_become(const struct program *p, const struct sockets *sockets)
{
	char *words[WORDS_MAX + 1];
	size_t n = 0;

	for (size_t at = 0; at < p->n && n < WORDS_MAX;
	     at += strlen(p->words + at) + 1)
		words[n++] = p->words + at;
	words[n] = NULL;
	sockets_hand_on(sockets);
	execv(p->path, words);
}
