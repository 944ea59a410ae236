/*
 * Usage of all writers reaches the ledger exactly once, whichever process is
 * killed.
 */
#include "lib/shm/usage_journal.h"
#include "t/unit/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NAMES = 300 };

static char stem[64];

/* --- A ledger, as a database keeps it ------------------------------------ */

struct ledger {
	uint64_t batch;
	uint64_t sums[NAMES][USAGE_JOURNAL_COUNTERS];
};

static struct usage_journal_row rows[USAGE_JOURNAL_BATCH];

static void
store(struct ledger *l, const struct usage_journal *j, size_t n)
{
	uint16_t name;

	if (usage_journal_batch(j) <= l->batch)
		return;
	l->batch = usage_journal_batch(j);
	for (size_t i = 0; i < n; i++) {
		memcpy(&name, rows[i].name, sizeof(name));
		for (size_t c = 0; c < USAGE_JOURNAL_COUNTERS; c++)
			l->sums[name % NAMES][c] += rows[i].counts[c];
	}
}

static void
flush(struct ledger *l, struct usage_journal *j)
{
	size_t n;

	while ((n = usage_journal_begin(j, rows))) {
		store(l, j, n);
		usage_journal_settle(j);
	}
}

static uint64_t
total(const struct ledger *l)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < NAMES; i++)
		sum += l->sums[i][0];
	return sum;
}

/* Each count adds 1, 2, 3 and so on, so that a torn one shows. */
static bool
is_whole(const struct ledger *l)
{
	for (size_t i = 0; i < NAMES; i++)
		for (size_t c = 0; c < USAGE_JOURNAL_COUNTERS; c++)
			if (l->sums[i][c] != l->sums[i][0] * (c + 1))
				return false;
	return true;
}

/* --- Counting ------------------------------------------------------------- */

static bool
count(struct usage_journal_slot *slot, unsigned number)
{
	static const uint64_t counts[USAGE_JOURNAL_COUNTERS] = { 1, 2, 3, 4, 5,
		6, 7, 8 };
	uint8_t name[USAGE_JOURNAL_NAME] = { (uint8_t)number,
		(uint8_t)(number >> 8), [USAGE_JOURNAL_NAME - 1] = 1 };
	struct usage_journal_entry *e = usage_journal_enter(slot, name);

	if (e)
		usage_journal_add(e, counts);
	return e;
}

static void
test_once(void)
{
	struct usage_journal j;
	struct ledger l = { 0 };

	ok(usage_journal_create(&j, stem, 2), "create a journal of two slots");
	is_int((long long)usage_journal_begin(&j, rows), 0,
	    "a new journal has no rows");
	ok(count(&j.slots[0], 1) && count(&j.slots[0], 1) &&
		count(&j.slots[1], 1) && count(&j.slots[1], 2),
	    "two writers count two names");
	is_int((long long)usage_journal_begin(&j, rows), 3,
	    "the batch has a row for each slot and name");
	is_int((long long)rows[0].counts[7], 16, "a row holds the sum");
	is_int((long long)usage_journal_batch(&j), 1, "the batch has number 1");
	count(&j.slots[0], 1);
	is_int((long long)usage_journal_begin(&j, rows), 3,
	    "a batch that is not settled is returned again");
	is_int((long long)rows[0].counts[7], 16, "... unchanged");
	is_int((long long)usage_journal_batch(&j), 1, "... with its number");
	store(&l, &j, 3);
	usage_journal_settle(&j);
	is_int((long long)usage_journal_begin(&j, rows), 1,
	    "counts made meanwhile are in the next batch");
	is_int((long long)usage_journal_batch(&j), 2, "... which has number 2");
	store(&l, &j, 1);
	usage_journal_settle(&j);
	is_int((long long)usage_journal_begin(&j, rows), 0,
	    "no rows are left once all is stored");
	is_int((long long)total(&l), 5, "the ledger has all counts");
	ok(is_whole(&l), "... in every counter");
	usage_journal_remove(&j);
	ok(access(j.path, F_OK) < 0, "remove deletes a file that is stored");
	usage_journal_close(&j);
}

/* The flusher is killed while it settles a batch. */
static void
test_cut_off(void)
{
	struct usage_journal j;
	struct ledger l = { 0 };
	size_t n;

	ok(usage_journal_create(&j, stem, 1), "create a journal");
	count(&j.slots[0], 1);
	count(&j.slots[0], 2);
	n = usage_journal_begin(&j, rows);
	store(&l, &j, n);
	for (size_t i = 0; i < USAGE_JOURNAL_ENTRIES; i++) {
		struct usage_journal_entry *e = &j.slots[0].entries[i];

		for (size_t c = 0; e->pending[0] && c < USAGE_JOURNAL_COUNTERS;
		     c++)
			e->flushed[c] = e->pending[c];
		if (e->pending[0])
			break;
	}
	ok(count(&j.slots[0], 3), "count after half of a batch was settled");
	is_int((long long)usage_journal_begin(&j, rows), 1,
	    "the other half is returned");
	is_int((long long)usage_journal_batch(&j), 1,
	    "... with the number of the batch");
	flush(&l, &j);
	is_int((long long)total(&l), 3, "nothing is lost or counted twice");
	usage_journal_remove(&j);
	usage_journal_close(&j);
}

static void
test_reuse(void)
{
	struct usage_journal j;
	struct ledger l = { 0 };
	bool fine = true;

	ok(usage_journal_create(&j, stem, 1), "create a journal");
	for (unsigned i = 0; i < USAGE_JOURNAL_ENTRIES; i++)
		fine = fine && count(&j.slots[0], i);
	ok(fine, "a slot holds as many names as it has entries");
	ok(!count(&j.slots[0], 200), "one more name does not fit");
	ok(count(&j.slots[0], 7), "a name that it holds still counts");
	usage_journal_remove(&j);
	ok(access(j.path, F_OK) == 0, "remove keeps a file that is not stored");
	is_int((long long)usage_journal_begin(&j, rows), USAGE_JOURNAL_ENTRIES,
	    "begin a batch");
	ok(!count(&j.slots[0], 200), "a begun batch frees no entry");
	flush(&l, &j);
	ok(count(&j.slots[0], 200), "a stored batch frees its entries");
	flush(&l, &j);
	is_int((long long)l.sums[7][0], 2, "no count is lost");
	is_int((long long)l.sums[200][0], 1, "a reused entry starts at 0");
	ok(is_whole(&l), "... in every counter");
	usage_journal_remove(&j);
	usage_journal_close(&j);
}

static void
test_growth(void)
{
	struct usage_journal j, flusher;
	struct ledger l = { 0 };
	char path[sizeof(j.path)];

	ok(usage_journal_create(&j, stem, 1), "create a journal of one slot");
	snprintf(path, sizeof(path), "%s", j.path);
	ok(usage_journal_open(&flusher, path) == USAGE_JOURNAL_OPEN,
	    "a flusher opens it");
	ok(usage_journal_grow(&j, 40), "grow it");
	for (size_t i = 0; i < 40; i++)
		for (unsigned n = 0; n < USAGE_JOURNAL_ENTRIES; n++)
			if (!count(&j.slots[i], n))
				ok(false, "slot %zu is full", i);
	is_int((long long)usage_journal_begin(&flusher, rows),
	    USAGE_JOURNAL_BATCH,
	    "a batch has at most USAGE_JOURNAL_BATCH rows");
	flush(&l, &flusher);
	is_int((long long)l.batch, 2, "the rest is a second batch");
	is_int((long long)total(&l), 40LL * USAGE_JOURNAL_ENTRIES,
	    "the ledger has all counts");
	ok(!usage_journal_grow(&j, USAGE_JOURNAL_SLOTS_MAX + 1) &&
		errno == ENOSPC,
	    "growth beyond the limit fails with ENOSPC");
	usage_journal_close(&flusher);
	usage_journal_remove(&j);
	usage_journal_close(&j);
}

static void
test_holders(void)
{
	struct usage_journal j, flusher, other;
	char path[sizeof(j.path)];
	pid_t writer;
	int fd;

	ok(usage_journal_create(&j, stem, 1), "create a journal");
	snprintf(path, sizeof(path), "%s", j.path);
	writer = fork();
	if (writer == 0)
		for (;;)
			pause();
	ok(usage_journal_open(&flusher, path) == USAGE_JOURNAL_OPEN,
	    "a flusher opens it");
	ok(usage_journal_open(&other, path) == USAGE_JOURNAL_BUSY,
	    "a second flusher finds it busy");
	ok(!usage_journal_is_left(&flusher),
	    "a journal with writers is not left");
	usage_journal_close(&j);
	ok(!usage_journal_is_left(&flusher), "a forked writer keeps it in use");
	kill(writer, SIGKILL);
	waitpid(writer, NULL, 0);
	ok(usage_journal_is_left(&flusher),
	    "a journal is left once its writers are dead");
	flusher.head->mark.layout++;
	usage_journal_close(&flusher);
	ok(usage_journal_open(&other, path) == USAGE_JOURNAL_FOREIGN,
	    "a journal of another layout is foreign");
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	ok(fd >= 0 && usage_journal_open(&other, path) == USAGE_JOURNAL_FOREIGN,
	    "an empty file is foreign");
	close(fd);
	unlink(path);
	ok(usage_journal_open(&other, path) == USAGE_JOURNAL_BUSY,
	    "a deleted file is busy");
	ok(!usage_journal_create(&j, "/nowhere/x", 1) && errno == ENOENT,
	    "create fails with ENOENT without a folder");
}

/* --- Deaths -------------------------------------------------------------- */

enum { WRITERS = 4, LIVES = 40, COUNTS = 200000 };

static unsigned seed;

static unsigned
chance(unsigned below)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 8) % below;
}

/* How many counts each writer has begun and done. */
struct score {
	_Atomic uint64_t begun, done;
};

static void NORETURN
write_on(struct usage_journal_slot *slot, struct score *score)
{
	while (score->begun < COUNTS) {
		unsigned name = chance(NAMES);

		score->begun++;
		while (!count(slot, name))
			usleep(100);
		score->done++;
	}
	_exit(0);
}

/* A flusher that stops at a random point. */
static void
flush_badly(struct ledger *l, const char *path)
{
	struct usage_journal j;
	size_t n;

	if (usage_journal_open(&j, path) != USAGE_JOURNAL_OPEN)
		return;
	n = usage_journal_begin(&j, rows);
	if (chance(3))
		store(l, &j, n);
	else
		n = 0;
	if (n && chance(3))
		usage_journal_settle(&j);
	usage_journal_close(&j);
}

static unsigned
one_life(const struct usage_journal *j, struct score *scores, struct ledger *l,
    bool is_last)
{
	pid_t writers[WRITERS];
	unsigned killed = 0;
	int status = 0;

	for (size_t i = 0; i < WRITERS; i++) {
		writers[i] = fork();
		if (writers[i] == 0)
			write_on(&j->slots[i], &scores[i]);
		seed++;
	}
	for (int i = (int)chance(40); i > 0; i--)
		flush_badly(l, j->path);
	for (size_t i = 0; i < WRITERS; i++) {
		if (!is_last)
			kill(writers[i], SIGKILL);
		while (waitpid(writers[i], &status, WNOHANG) == 0)
			flush_badly(l, j->path);
		killed += WIFSIGNALED(status);
	}
	return killed;
}

static void
test_deaths(void)
{
	struct score *scores = mmap(NULL, WRITERS * sizeof(*scores),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	static struct ledger l;
	struct usage_journal j;
	uint64_t begun = 0, done = 0;
	unsigned killed = 0;

	seed = (unsigned)getpid();
	printf("# seed %u\n", seed);
	ok(usage_journal_create(&j, stem, WRITERS),
	    "create a journal for %d writers", WRITERS);
	for (int i = 1; i <= LIVES; i++)
		killed += one_life(&j, scores, &l, i == LIVES);
	flush(&l, &j);
	for (size_t i = 0; i < WRITERS; i++) {
		begun += scores[i].begun;
		done += scores[i].done;
	}
	ok(killed > 0, "%u writers were killed", killed);
	is_int((long long)begun, (long long)WRITERS * COUNTS,
	    "every writer finished");
	ok(begun - done <= killed, "a killed writer loses at most one count");
	ok(total(&l) >= done && total(&l) <= begun,
	    "each count is stored once: %llu of %llu begun, %llu done",
	    (unsigned long long)total(&l), (unsigned long long)begun,
	    (unsigned long long)done);
	ok(is_whole(&l), "... in every counter");
	usage_journal_remove(&j);
	ok(access(j.path, F_OK) < 0, "remove deletes the file");
	usage_journal_close(&j);
	munmap(scores, WRITERS * sizeof(*scores));
}

int
main(void)
{
	snprintf(stem, sizeof(stem), "/tmp/io7-journal-%d", (int)getpid());
	test_once();
	test_cut_off();
	test_reuse();
	test_growth();
	test_holders();
	test_deaths();
	return tap_done();
}
