/*
 * Keepers and their spawner: requests, leaving, dying and coming back.
 */
#include "lib/lite/keeper.h"
#include "lib/lite/spawner.h"
#include "lib/os/clock.h"
#include "lib/os/proc.h"
#include "t/unit/tap.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_S = 100, OPEN = 4 };

static char folder[64] = "/tmp/io7-keepers-XXXXXX", socket_path[96];
static pid_t spawner;
static int listener = -1, leash[2];
static struct keepers *keepers;
static struct arena *mem;

/* --- Helpers -------------------------------------------------------------- */

static void
start_spawner(void)
{
	struct spawner_options options = {
		.log = "-",
		.level = LOG_INFO,
		.keepers = OPEN,
		.memory = 512 << 20,
		.file = 1 << 30,
		.idle_ns = 600 * NS_PER_S,
		.drain_ns = 2 * NS_PER_S,
		.bounds = {
			.statement_ns = 2 * NS_PER_S,
			.lock_ns = 2 * NS_PER_S,
			.idle_ns = 10 * NS_PER_S,
			.heap = 32 << 20,
			.result = 16 << 20,
			.streams = 8,
		},
	};

	snprintf(options.folder, sizeof(options.folder), "%s/all", folder);
	if (listener < 0)
		listener = proc_listen(socket_path, 100, (gid_t)-1);
	if (listener < 0 || pipe2(leash, O_CLOEXEC) < 0)
		abort();
	fflush(stdout);
	spawner = fork();
	if (spawner == 0) {
		close(leash[1]);
		spawner_become(listener, leash[0], &options);
	}
	close(leash[0]);
}

static struct keeper_order
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
static const char *
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

static const char *
ask_on(struct keepers *k, struct keeper_order order)
{
	const char *answer;

	(void)!keeper_begin(k, &order);
	answer = finish(k);
	keeper_end(k);
	return answer;
}

static const char *
ask(const char *name, const char *sql)
{
	struct keeper_order order = order_of(KEEPER_PIPELINE, name);
	struct buf b;

	buf_init(&b, mem);
	buf_puts(&b,
	    "{\"baton\":null,\"requests\":[{\"type\":\"execute\",\"stmt\":{"
	    "\"sql\":");
	buf_json(&b, str_of(sql));
	buf_puts(&b, "}},{\"type\":\"close\"}]}");
	order.body = buf_view(&b);
	return ask_on(keepers, order);
}

static bool
has(const char *text, const char *part)
{
	bool found = strstr(text, part) != NULL;

	if (!found)
		printf("# %s\n", text);
	return found;
}

/* The ids of the spawner's children. */
static size_t
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

/* --- Tests ---------------------------------------------------------------- */

static void
test_requests(void)
{
	ok(has(ask("one", "create table a(b)"), "\"ok\""),
	    "a database is made when it is first asked for");
	ok(has(ask("one", "insert into a values(42)"), "\"ok\""),
	    "a row is written");
	ok(has(ask("one", "select b from a"), "42"), "and read");
}

static void
test_death(void)
{
	pid_t pids[OPEN] = { 0 };

	ok(keepers_of(spawner, pids, OPEN) == 1, "one keeper runs");
	kill(pids[0], SIGKILL);
	while (keepers_of(spawner, pids, OPEN) != 0)
		clock_sleep(NS_PER_MS);
	ok(has(ask("one", "select b from a"), "42"),
	    "a killed keeper is replaced, and a commit is still there");
}

static void
test_missing(void)
{
	struct keeper_order order = order_of(KEEPER_FACTS, "none");

	order.make = false;
	ok(has(ask_on(keepers, order), "!not_found"),
	    "a database that is missing is not found");
	order.name = "../one";
	ok(has(ask_on(keepers, order), "!bad_request"),
	    "a name with other characters is refused");
}

static void
test_eviction(void)
{
	char name[16];
	pid_t pids[64];
	bool fine = true;
	size_t most = 0;

	for (int i = 0; i < 60; i++) {
		size_t n;

		snprintf(name, sizeof(name), "many-%d", i);
		fine = has(ask(name, "create table a(b)"), "\"ok\"") && fine;
		n = keepers_of(spawner, pids, ARRAY_LEN(pids));
		most = n > most ? n : most;
	}
	ok(fine, "60 databases are made in turn");
	ok(most == OPEN, "%zu keepers at most", most);
}

static void
test_files(void)
{
	struct keeper_order order = order_of(KEEPER_EXPORT, "one");
	char head[16] = "";
	int fd = -1;

	if (keeper_begin(keepers, &order) == OK)
		is_str(finish(keepers), "", "a database is exported");
	fd = keeper_file(keepers);
	ok(pread(fd, head, 15, 0) == 15 && strcmp(head, "SQLite format 3") == 0,
	    "as a file of SQLite");
	keeper_end(keepers);
	close(fd);
	order = order_of(KEEPER_IMPORT, "one");
	if (keeper_begin(keepers, &order) == OK) {
		char junk[100000] = "junk";
		bool fine = true;

		for (int i = 0; i < 30; i++)
			fine = keeper_feed(keepers,
				   (struct str){ junk, sizeof(junk) }) == OK &&
			    fine;
		fine = keeper_feed(keepers, STR("")) == OK && fine;
		ok(fine, "a file is sent");
		ok(has(finish(keepers), "!bad_request"),
		    "a file that is no database is refused");
	}
	keeper_end(keepers);
	order.size_max = 10000;
	if (keeper_begin(keepers, &order) == OK) {
		char junk[100000] = "junk";

		while (keeper_feed(keepers,
			   (struct str){ junk, sizeof(junk) }) == OK)
			continue;
		ok(has(finish(keepers), "!storage_full"),
		    "a file that is too large ends early");
	}
	keeper_end(keepers);
	ok(has(ask("one", "select b from a"), "42"), "the content has stayed");
}

static void
test_drop(void)
{
	struct keeper_order order = order_of(KEEPER_DROP, "one");
	char path[128];

	is_str(ask_on(keepers, order), "", "a database is dropped");
	snprintf(path, sizeof(path), "%s/all/one", folder);
	ok(access(path, F_OK) < 0, "its folder is gone");
	is_str(ask_on(keepers, order), "", "dropping it again is fine");
}

static void
test_reload(void)
{
	pid_t old = spawner;
	int status = -1;

	ask("two", "create table a(b)");
	kill(old, SIGTERM);
	ok(waitpid(old, &status, 0) == old && status == 0,
	    "the spawner ends by SIGTERM");
	close(leash[1]);
	start_spawner();
	ok(has(ask("two", "insert into a values(1)"), "\"ok\""),
	    "the next one serves the same databases");
	kill(spawner, SIGKILL);
	waitpid(spawner, &status, 0);
	close(leash[1]);
	ok(has(ask("two", "insert into a values(1)"), "\"ok\""),
	    "a keeper serves without its spawner");
	start_spawner();
	ok(has(ask("three", "create table a(b)"), "\"ok\""),
	    "a new spawner is found");
}

static void
remove_all(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		execlp("rm", "rm", "-rf", folder, (char *)NULL);
		_exit(EXIT_FAILURE);
	}
	waitpid(pid, NULL, 0);
}

int
main(int argc, char **argv)
{
	static const struct hrana_schema none;
	int status = -1;

	(void)argc;
	if (strcmp(argv[0], SPAWNER_NAME) == 0)
		spawner_run(&none);
	if (!mkdtemp(folder))
		return EXIT_FAILURE;
	snprintf(socket_path, sizeof(socket_path), "%s/keepers.sock", folder);
	mem = arena_must_new(256 << 20);
	start_spawner();
	keepers = keepers_new(socket_path);
	test_requests();
	test_death();
	test_missing();
	test_eviction();
	test_files();
	test_drop();
	test_reload();
	keepers_free(keepers);
	close(leash[1]);
	ok(waitpid(spawner, &status, 0) == spawner && status == 0,
	    "the spawner ends with its supervisor");
	arena_free(mem);
	remove_all();
	return tap_done();
}
