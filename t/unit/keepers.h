/*
 * A spawner in a folder of its own, and requests to its keepers, for the tests
 * of keepers. The test's main() calls stage_run() first.
 */
#ifndef IO7_T_UNIT_KEEPERS_H
#define IO7_T_UNIT_KEEPERS_H

#include "lib/lite/keeper.h"
#include "lib/lite/spawner.h"
#include "lib/os/clock.h"
#include "lib/os/proc.h"
#include "t/unit/tap.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Longer than anything here takes on a loaded machine. */
enum { PATIENCE_S = 200 };

static struct stage {
	char folder[64], socket[96];
	struct spawner_options options;
	int listener, leash;
	pid_t spawner;
} stage = {
	.options = {
		.log = "-",
		.level = LOG_WARN,
		.keepers = 4,
		.memory = 512 << 20,
		.file = 1 << 30,
		.idle_ns = 600 * NS_PER_S,
		.drain_ns = PATIENCE_S * NS_PER_S,
		.bounds = {
			.statement_ns = 30 * NS_PER_S,
			.lock_ns = 30 * NS_PER_S,
			.idle_ns = PATIENCE_S * NS_PER_S,
			.heap = 32 << 20,
			.result = 16 << 20,
			.streams = 8,
			.waiters = 8,
		},
	},
	.listener = -1,
	.leash = -1,
};

static struct arena *mem;

/* In the program that the spawner executes, does not return. */
static inline void
stage_run(char **argv)
{
	static const struct hrana_schema none;

	if (strcmp(argv[0], SPAWNER_NAME) == 0)
		spawner_run(&none);
}

/* Also after the last one has ended: the listener stays. */
static inline void
stage_start(void)
{
	int leash[2];

	if (pipe2(leash, O_CLOEXEC) < 0)
		abort();
	fflush(stdout);
	stage.spawner = fork();
	if (stage.spawner == 0) {
		close(leash[1]);
		spawner_become(stage.listener, leash[0], &stage.options);
	}
	close(leash[0]);
	if (stage.leash >= 0)
		close(stage.leash);
	stage.leash = leash[1];
}

/* True if the spawner ends by itself. */
static inline bool
stage_has_ended(void)
{
	int status = -1;

	if (waitpid(stage.spawner, &status, 0) == stage.spawner && status == 0)
		return true;
	printf("# status %d\n", status);
	return false;
}

static inline void
stage_open(void)
{
	struct stage *s = &stage;

	snprintf(s->folder, sizeof(s->folder), "/var/tmp/io7-keepers-XXXXXX");
	if (!mkdtemp(s->folder))
		abort();
	snprintf(s->socket, sizeof(s->socket), "%.63s/keepers.sock", s->folder);
	snprintf(s->options.folder, sizeof(s->options.folder), "%.63s/all",
	    s->folder);
	s->listener = proc_listen(s->socket, 100, (gid_t)-1);
	if (s->listener < 0)
		abort();
	mem = arena_must_new(256 << 20);
	stage_start();
}

static inline int
stage_end(void)
{
	pid_t pid;

	close(stage.leash);
	ok(stage_has_ended(), "the spawner ends with its supervisor");
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		execlp("rm", "rm", "-rf", stage.folder, (char *)NULL);
		_exit(EXIT_FAILURE);
	}
	waitpid(pid, NULL, 0);
	arena_free(mem);
	return tap_done();
}

/* --- Requests ------------------------------------------------------------- */

static inline struct keeper_order
order_of(enum keeper_kind kind, const char *name)
{
	return (struct keeper_order){
		.kind = kind,
		.version = 3,
		.name = name,
		.make = true,
		.may_write = true,
		.size_max = 1 << 30,
		.deadline_ns = clock_mono_ns() + PATIENCE_S * NS_PER_S,
	};
}

/* The answer, or "!" and the fault. */
static inline const char *
finish(struct keepers *k)
{
	enum keeper_state state;
	const char *sentence;
	struct str piece;
	struct buf b;

	buf_init(&b, mem);
	while ((state = keeper_wait(k, &piece)) < KEEPER_DONE) {
		if (state == KEEPER_CREDIT)
			keeper_allow(k, true);
		else
			buf_str(&b, piece);
	}
	if (state == KEEPER_FAILED) {
		enum err e = keeper_fault(k, &sentence);

		b.n = 0;
		buf_printf(&b, "!%s %s", err_code(e), sentence ? sentence : "");
	}
	buf_putc(&b, '\0');
	return b.p;
}

static inline const char *
ask(struct keepers *k, struct keeper_order order)
{
	const char *answer;

	(void)!keeper_begin(k, &order);
	answer = finish(k);
	keeper_end(k);
	return answer;
}

/* A pipeline of one statement; with `open`, the stream stays open. */
static inline struct str
pipeline_of(const char *baton, const char *sql, bool open)
{
	struct buf b;

	buf_init(&b, mem);
	buf_puts(&b, "{\"baton\":");
	if (baton)
		buf_json(&b, str_of(baton));
	else
		buf_puts(&b, "null");
	buf_puts(&b, ",\"requests\":[{\"type\":\"execute\",\"stmt\":{\"sql\":");
	buf_json(&b, str_of(sql));
	buf_puts(&b, "}}");
	if (!open)
		buf_puts(&b, ",{\"type\":\"close\"}");
	buf_puts(&b, "]}");
	return buf_view(&b);
}

static inline const char *
run_in(struct keepers *k, const char *name, const char *baton, const char *sql,
    bool open)
{
	struct keeper_order order = order_of(KEEPER_PIPELINE, name);

	order.body = pipeline_of(baton, sql, open);
	return ask(k, order);
}

static inline const char *
run(struct keepers *k, const char *name, const char *sql)
{
	return run_in(k, name, NULL, sql, false);
}

/* The baton of an answer, or NULL. */
static inline const char *
baton_of(const char *answer)
{
	static const char before[] = "\"baton\":\"";
	const char *p = strstr(answer, before);

	if (!p)
		return NULL;
	p += sizeof(before) - 1;
	return arena_copy(mem, p, strcspn(p, "\""));
}

/* True if the statement was executed. */
static inline bool
is_done(const char *answer)
{
	return strstr(answer, "\"type\":\"execute\"") != NULL;
}

static inline bool
has(const char *text, const char *part)
{
	bool found = strstr(text, part) != NULL;

	if (!found)
		printf("# %s\n", text);
	return found;
}

/* --- Processes ------------------------------------------------------------ */

/* The first word after `name` in a file of /proc, in a number. */
static inline uint64_t
proc_number(pid_t pid, const char *file, const char *name)
{
	char path[64], text[4096] = "";
	ssize_t n;
	char *p;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		close(fd);
	p = strstr(text, name);
	return p ? strtoull(p + strlen(name), NULL, 10) : 0;
}

static inline size_t
descriptors_of(pid_t pid)
{
	char path[64];
	size_t n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

/* The ids of the spawner's children. */
static inline size_t
keepers_of(pid_t parent, pid_t *pids, size_t max)
{
	char path[64], text[4096] = "";
	size_t n = 0;
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", parent,
	    parent);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	text[got > 0 ? got : 0] = '\0';
	if (fd >= 0)
		close(fd);
	for (char *p = text; *p && n < max; p += *p == ' ')
		pids[n++] = (pid_t)strtol(p, &p, 10);
	return n;
}

static inline void
wait_for_keepers(size_t n)
{
	pid_t pids[64];

	while (keepers_of(stage.spawner, pids, ARRAY_LEN(pids)) != n)
		clock_sleep(NS_PER_MS);
}

#endif
