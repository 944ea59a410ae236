/*
 * Leases: concurrent processes neither lose tokens nor create any.
 */
#include "lib/shm/lease_table.h"

#include "t/unit/tap.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROCESSES = 6, LEASES = 3, ROUNDS = 20000, GRANT = 7 };

static struct lease
make(uint8_t name, uint32_t tokens, int64_t expires_ns)
{
	struct lease lease = { .expires_ns = expires_ns, .tokens = tokens };

	memset(lease.name, name, sizeof(lease.name));
	memset(lease.terms, name, sizeof(lease.terms));
	return lease;
}

static void
test_one_process(void)
{
	struct lease_table *table = lease_table_create();
	struct lease a = make(1, 2, 100), got, old, rows[4];

	ok(!lease_table_take(table, a.name, 0, &got),
	    "a fresh table has no token");
	ok(lease_table_add(table, &a, 0, &old),
	    "a lease of two tokens is added");
	ok(lease_table_take(table, a.name, 99, &got), "a token is taken");
	is_int(got.tokens, 1, "one token is left");
	ok(memcmp(got.terms, a.terms, sizeof(got.terms)) == 0,
	    "the terms come with the token");
	ok(!lease_table_take(table, a.name, 100, &got),
	    "an expired token is not taken");
	is_int((long long)lease_table_collect(table, 100, rows, 4), 0,
	    "a lease is not collected at the instant of its expiry");
	is_int((long long)lease_table_collect(table, 101, rows, 4), 1,
	    "an expired lease is collected");
	is_int(rows[0].tokens, 1, "it returns the token that was not taken");
	is_int((long long)lease_table_collect(table, 101, rows, 4), 0,
	    "it is collected once");

	a.tokens = 1;
	ok(lease_table_add(table, &a, 0, &old) &&
		lease_table_add(table, &a, 0, &old),
	    "leases of the same name add up");
	ok(lease_table_take(table, a.name, 0, &got) &&
		lease_table_take(table, a.name, 0, &got) &&
		!lease_table_take(table, a.name, 0, &got),
	    "as many tokens are taken as were added");

	a.tokens = 3;
	ok(lease_table_add(table, &a, 0, &old) &&
		lease_table_add(table, &a, 101, &old),
	    "a lease takes the place of one that has expired");
	is_int(old.tokens, 3, "the expired tokens are returned");
	is_int((long long)lease_table_collect(table, INT64_MAX, rows, 4), 1,
	    "one lease is left");
	is_int(rows[0].tokens, 3, "it has only the new tokens");
	lease_table_close(table);
}

static void
test_full(void)
{
	struct lease_table *table = lease_table_create();
	struct lease rows[64], old;
	size_t added = 0, collected = 0, n;

	for (int i = 0; i < LEASE_SLOTS * 4; i++) {
		struct lease lease = make(0, 1, 1);

		memcpy(lease.name, &i, sizeof(i));
		added += lease_table_add(table, &lease, 0, &old);
	}
	ok(added > LEASE_SLOTS / 2, "most slots can be used: %zu", added);
	ok(added <= LEASE_SLOTS, "a full table refuses more leases");
	do {
		n = lease_table_collect(table, INT64_MAX, rows,
		    ARRAY_LEN(rows));
		collected += n;
	} while (n == ARRAY_LEN(rows));
	is_int((long long)collected, (long long)added,
	    "every token that was added is collected");
	lease_table_close(table);
}

/* Takes tokens and adds leases at random, and counts both in shared memory. */
static void
use(struct lease_table *table, _Atomic uint64_t *added, _Atomic uint64_t *taken,
    unsigned seed)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct lease lease =
		    make((uint8_t)(1 + rand_r(&seed) % LEASES), GRANT, 100);
		struct lease got, old;

		if (lease_table_take(table, lease.name, 0, &got)) {
			atomic_fetch_add(taken, 1);
			if (memcmp(got.terms, lease.terms, LEASE_TERMS) != 0)
				_exit(2);
		} else if (lease_table_add(table, &lease, 0, &old)) {
			atomic_fetch_add(added, GRANT);
		}
	}
}

static void
test_many_processes(void)
{
	struct lease_table *table = lease_table_create();
	_Atomic uint64_t *sums = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	/* Two processes may add the same name to two slots. */
	struct lease rows[LEASES * LEASE_WAYS];
	uint64_t left = 0;
	bool all_well = true;
	size_t n;
	int status;

	for (unsigned i = 0; i < PROCESSES; i++)
		if (fork() == 0) {
			use(table, &sums[0], &sums[1], i + 1);
			_exit(0);
		}
	while (wait(&status) > 0)
		all_well = all_well && status == 0;
	n = lease_table_collect(table, INT64_MAX, rows, ARRAY_LEN(rows));
	for (size_t i = 0; i < n; i++)
		left += rows[i].tokens;
	ok(all_well, "no process saw the terms of another lease");
	ok(sums[1] > PROCESSES, "tokens were taken");
	is_int((long long)sums[1] + (long long)left, (long long)sums[0],
	    "tokens taken and tokens left are the tokens added");
	lease_table_close(table);
}

/* Killed processes can lose tokens, but never create any. */
static void
test_killed(void)
{
	struct lease_table *table = lease_table_create();
	_Atomic uint64_t *sums = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct lease rows[LEASES * LEASE_WAYS];
	uint64_t left = 0;
	size_t n;

	for (unsigned i = 0; i < 40; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			use(table, &sums[0], &sums[1], i + 1);
			_exit(0);
		}
		while (
		    sums[0] < (i + 1) * 50 && waitpid(pid, NULL, WNOHANG) == 0)
			continue;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	n = lease_table_collect(table, INT64_MAX, rows, ARRAY_LEN(rows));
	for (size_t i = 0; i < n; i++)
		left += rows[i].tokens;
	ok(sums[1] + left <= sums[0] + 40 * GRANT,
	    "killed processes create no tokens");
	lease_table_close(table);
}

int
main(void)
{
	test_one_process();
	test_full();
	test_many_processes();
	test_killed();
	return tap_done();
}
