/*
 * kill -9 of keepers, spawners and workers in the middle of transactions: each
 * commit that was acknowledged is there, no transaction is there in part, and
 * the files are whole.
 */
#include "t/unit/keepers.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>

enum {
	WRITERS = 4,
	DATABASES = 3,
	FEW = 300, /* acknowledged transactions; more with IO7_SLOW=1 */
	LOTS = 10000,
	/* A process is killed after so many of them. */
	KILL_EVERY = 8,
	MOST = 4 * LOTS,
};

/* By transaction: acknowledged. Shared by all writers. */
static struct {
	_Atomic unsigned next, done;
	_Atomic unsigned most; /* done, until the next process is killed */
	_Atomic bool acknowledged[MOST];
} * shared;

static pid_t writers[WRITERS];

static void
name_of(unsigned id, char name[16])
{
	snprintf(name, 16, "killed-%u", id % DATABASES);
}

/* One transaction of a single statement. */
static bool
write_at_once(struct keepers *k, unsigned id)
{
	char name[16], sql[96];

	name_of(id, name);
	snprintf(sql, sizeof(sql), "insert into a values(%u, 1), (%u, 2)", id,
	    id);
	return is_done(run(k, name, sql));
}

/* The same, over four requests. */
static bool
write_in_stream(struct keepers *k, unsigned id)
{
	char name[16], sql[96];
	const char *baton;

	name_of(id, name);
	baton = baton_of(run_in(k, name, NULL, "begin immediate", true));
	for (int i = 1; i <= 2 && baton; i++) {
		snprintf(sql, sizeof(sql), "insert into a values(%u, %d)", id,
		    i);
		baton = baton_of(run_in(k, name, baton, sql, true));
	}
	return baton && is_done(run_in(k, name, baton, "commit", false));
}

static void NORETURN
write_on(void)
{
	struct keepers *k = keepers_new(stage.socket);

	for (;;) {
		unsigned id;

		while (shared->done >= shared->most)
			clock_sleep(NS_PER_MS);
		id = shared->next++;
		if (id >= MOST)
			_exit(EXIT_SUCCESS);
		if (id % 2 ? write_at_once(k, id) : write_in_stream(k, id)) {
			shared->acknowledged[id] = true;
			shared->done++;
		}
		arena_reset(mem);
	}
}

static void
start_writer(size_t i)
{
	fflush(stdout);
	writers[i] = fork();
	if (writers[i] == 0)
		write_on();
}

static void
kill_something(unsigned turn)
{
	pid_t pids[DATABASES + 1];
	size_t n = keepers_of(stage.spawner, pids, ARRAY_LEN(pids));
	size_t i = turn / 3 % WRITERS;

	switch (turn % 3) {
	case 0:
		if (n)
			kill(pids[turn / 3 % n], SIGKILL);
		break;
	case 1:
		kill(writers[i], SIGKILL);
		waitpid(writers[i], NULL, 0);
		start_writer(i);
		break;
	default:
		/* Rarely: its keepers go on for a moment. */
		if (turn % 9 != 2)
			break;
		kill(stage.spawner, SIGKILL);
		waitpid(stage.spawner, NULL, 0);
		stage_start();
		break;
	}
}

/* A keeper of a killed spawner may still have a transaction. */
static const char *
check(struct keepers *k, const char *name)
{
	const char *answer;

	do
		answer = ask(k, order_of(KEEPER_CHECK, name));
	while (strncmp(answer, "!unavailable", 12) == 0);
	return answer;
}

static void
check_database(struct keepers *k, unsigned number)
{
	char name[16], wanted[32];
	const char *answer;
	size_t missing = 0;

	name_of(number, name);
	is_str(check(k, name), "", "a database is whole");
	answer = run(k, name,
	    "select count(*) from (select id from a group by id having"
	    " count(*) <> 2 or sum(part) <> 3)");
	ok(has(answer, "\"value\":\"0\""), "it has no part of a transaction");
	answer = run(k, name,
	    "select ',' || group_concat(distinct id) || ',' from a");
	for (unsigned id = number; id < MOST && id < shared->next;
	     id += DATABASES) {
		snprintf(wanted, sizeof(wanted), ",%u,", id);
		missing += shared->acknowledged[id] && !strstr(answer, wanted);
	}
	ok(missing == 0, "all acknowledged transactions are there");
}

int
main(int argc, char **argv)
{
	unsigned target = getenv("IO7_SLOW") ? LOTS : FEW, turn = 0;
	struct keepers *k;
	char name[16];

	(void)argc;
	stage_run(argv);
	stage.options.bounds.idle_ns = NS_PER_S;
	stage.options.level = LOG_ALERT;
	stage_open();
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	k = keepers_new(stage.socket);
	for (unsigned i = 0; i < DATABASES; i++) {
		name_of(i, name);
		ok(is_done(run(k, name, "create table a(id, part)")),
		    "a database is made");
	}
	for (size_t i = 0; i < WRITERS; i++)
		start_writer(i);
	while (shared->done < target) {
		shared->most = (turn + 2) * KILL_EVERY;
		if (shared->done >= (turn + 1) * KILL_EVERY)
			kill_something(turn++);
		clock_sleep(NS_PER_MS);
	}
	for (size_t i = 0; i < WRITERS; i++) {
		kill(writers[i], SIGKILL);
		waitpid(writers[i], NULL, 0);
	}
	ok(turn + 2 >= target / KILL_EVERY, "%u times one was killed", turn);
	for (unsigned i = 0; i < DATABASES; i++)
		check_database(k, i);
	keepers_free(k);
	munmap(shared, sizeof(*shared));
	return stage_end();
}
