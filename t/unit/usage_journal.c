/*
 * The tally: what writers count is written down once, whoever is killed.
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
write_down(struct ledger *l, const struct usage_journal *t, size_t n)
{
	uint16_t name;

	if (usage_journal_batch(t) <= l->batch)
		return;
	l->batch = usage_journal_batch(t);
	for (size_t i = 0; i < n; i++) {
		memcpy(&name, rows[i].name, sizeof(name));
		for (size_t c = 0; c < USAGE_JOURNAL_COUNTERS; c++)
			l->sums[name % NAMES][c] += rows[i].counts[c];
	}
}

static void
flush(struct ledger *l, struct usage_journal *t)
{
	size_t n;

	while ((n = usage_journal_begin(t, rows))) {
		write_down(l, t, n);
		usage_journal_settle(t);
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

/* Each note adds 1, 2, 3 and so on: a torn one would show. */
static bool
is_even(const struct ledger *l)
{
	for (size_t i = 0; i < NAMES; i++)
		for (size_t c = 0; c < USAGE_JOURNAL_COUNTERS; c++)
			if (l->sums[i][c] != l->sums[i][0] * (c + 1))
				return false;
	return true;
}

/* --- Notes --------------------------------------------------------------- */

static bool
note(struct usage_journal_slot *slot, unsigned number)
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
	struct usage_journal t;
	struct ledger l = { 0 };

	ok(usage_journal_create(&t, stem, 2), "a tally of two slots");
	is_int((long long)usage_journal_begin(&t, rows), 0,
	    "has nothing at first");
	ok(note(&t.slots[0], 1) && note(&t.slots[0], 1) &&
		note(&t.slots[1], 1) && note(&t.slots[1], 2),
	    "four notes of two names, by two");
	is_int((long long)usage_journal_begin(&t, rows), 3, "are three rows");
	is_int((long long)rows[0].counts[7], 16, "... of sums");
	is_int((long long)usage_journal_batch(&t), 1, "... in the first batch");
	note(&t.slots[0], 1);
	is_int((long long)usage_journal_begin(&t, rows), 3,
	    "which comes again");
	is_int((long long)rows[0].counts[7], 16, "... as it was");
	is_int((long long)usage_journal_batch(&t), 1, "... under its number");
	write_down(&l, &t, 3);
	usage_journal_settle(&t);
	is_int((long long)usage_journal_begin(&t, rows), 1,
	    "what came meanwhile");
	is_int((long long)usage_journal_batch(&t), 2, "... is the next");
	write_down(&l, &t, 1);
	usage_journal_settle(&t);
	is_int((long long)usage_journal_begin(&t, rows), 0,
	    "then there is nothing");
	is_int((long long)total(&l), 5, "all notes are written down");
	ok(is_even(&l), "... all of each");
	usage_journal_remove(&t);
	ok(access(t.path, F_OK) < 0, "so the file may go");
	usage_journal_close(&t);
}

/* A batch that was cut off while it was noted as written down. */
static void
test_cut_off(void)
{
	struct usage_journal t;
	struct ledger l = { 0 };
	size_t n;

	ok(usage_journal_create(&t, stem, 1), "a tally");
	note(&t.slots[0], 1);
	note(&t.slots[0], 2);
	n = usage_journal_begin(&t, rows);
	write_down(&l, &t, n);
	for (size_t i = 0; i < USAGE_JOURNAL_ENTRIES; i++) {
		struct usage_journal_entry *e = &t.slots[0].entries[i];

		for (size_t c = 0; e->pending[0] && c < USAGE_JOURNAL_COUNTERS;
		     c++)
			e->flushed[c] = e->pending[c];
		if (e->pending[0])
			break;
	}
	ok(note(&t.slots[0], 3), "a note after half of a batch was noted");
	is_int((long long)usage_journal_begin(&t, rows), 1,
	    "the other half is left");
	is_int((long long)usage_journal_batch(&t), 1, "... of the same batch");
	flush(&l, &t);
	is_int((long long)total(&l), 3, "nothing is lost or doubled");
	usage_journal_remove(&t);
	usage_journal_close(&t);
}

static void
test_reuse(void)
{
	struct usage_journal t;
	struct ledger l = { 0 };
	bool fine = true;

	ok(usage_journal_create(&t, stem, 1), "a tally");
	for (unsigned i = 0; i < USAGE_JOURNAL_ENTRIES; i++)
		fine = fine && note(&t.slots[0], i);
	ok(fine, "as many names as it has entries");
	ok(!note(&t.slots[0], 200), "one more is too many");
	ok(note(&t.slots[0], 7), "... one that is there is not");
	usage_journal_remove(&t);
	ok(access(t.path, F_OK) == 0, "a file with something in it stays");
	is_int((long long)usage_journal_begin(&t, rows), USAGE_JOURNAL_ENTRIES,
	    "a batch");
	ok(!note(&t.slots[0], 200), "begun is not written down");
	flush(&l, &t);
	ok(note(&t.slots[0], 200), "written down, its place is free");
	flush(&l, &t);
	is_int((long long)l.sums[7][0], 2, "nothing is lost");
	is_int((long long)l.sums[200][0], 1, "... nor taken for another's");
	ok(is_even(&l), "... in any counter");
	usage_journal_remove(&t);
	usage_journal_close(&t);
}

static void
test_growth(void)
{
	struct usage_journal t, flusher;
	struct ledger l = { 0 };
	char path[sizeof(t.path)];

	ok(usage_journal_create(&t, stem, 1), "a tally of one slot");
	snprintf(path, sizeof(path), "%s", t.path);
	ok(usage_journal_open(&flusher, path) == USAGE_JOURNAL_OPEN,
	    "has a flusher");
	ok(usage_journal_grow(&t, 40), "it grows");
	for (size_t i = 0; i < 40; i++)
		for (unsigned n = 0; n < USAGE_JOURNAL_ENTRIES; n++)
			if (!note(&t.slots[i], n))
				ok(false, "no room in slot %zu", i);
	is_int((long long)usage_journal_begin(&flusher, rows),
	    USAGE_JOURNAL_BATCH, "more than a batch holds");
	flush(&l, &flusher);
	is_int((long long)l.batch, 2, "... is two");
	is_int((long long)total(&l), 40LL * USAGE_JOURNAL_ENTRIES,
	    "... with all of it");
	ok(!usage_journal_grow(&t, USAGE_JOURNAL_SLOTS_MAX + 1) &&
		errno == ENOSPC,
	    "there is an end to it");
	usage_journal_close(&flusher);
	usage_journal_remove(&t);
	usage_journal_close(&t);
}

static void
test_holders(void)
{
	struct usage_journal t, flusher, other;
	char path[sizeof(t.path)];
	pid_t writer;
	int fd;

	ok(usage_journal_create(&t, stem, 1), "a tally");
	snprintf(path, sizeof(path), "%s", t.path);
	writer = fork();
	if (writer == 0)
		for (;;)
			pause();
	ok(usage_journal_open(&flusher, path) == USAGE_JOURNAL_OPEN,
	    "somebody flushes it");
	ok(usage_journal_open(&other, path) == USAGE_JOURNAL_BUSY,
	    "nobody else may");
	ok(!usage_journal_is_left(&flusher), "it is in use");
	usage_journal_close(&t);
	ok(!usage_journal_is_left(&flusher), "... by the child of its maker");
	kill(writer, SIGKILL);
	waitpid(writer, NULL, 0);
	ok(usage_journal_is_left(&flusher), "... until that is dead");
	flusher.head->layout++;
	usage_journal_close(&flusher);
	ok(usage_journal_open(&other, path) == USAGE_JOURNAL_FOREIGN,
	    "another program's is not ours");
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	ok(fd >= 0 && usage_journal_open(&other, path) == USAGE_JOURNAL_FOREIGN,
	    "nor is an empty one");
	close(fd);
	unlink(path);
	ok(usage_journal_open(&other, path) == USAGE_JOURNAL_BUSY,
	    "nor one that is gone");
	ok(!usage_journal_create(&t, "/nowhere/x", 1) && errno == ENOENT,
	    "none without a folder");
}

/* --- Deaths -------------------------------------------------------------- */

enum { WRITERS = 4, LIVES = 40, NOTES = 200000 };

static unsigned seed;

static unsigned
chance(unsigned below)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 8) % below;
}

/* How many notes each writer began, and how many it got done. */
struct score {
	_Atomic uint64_t begun, done;
};

static void NORETURN
write_on(struct usage_journal_slot *slot, struct score *score)
{
	while (score->begun < NOTES) {
		unsigned name = chance(NAMES);

		score->begun++;
		while (!note(slot, name))
			usleep(100);
		score->done++;
	}
	_exit(0);
}

/* A flusher that leaves off wherever it likes. */
static void
flush_badly(struct ledger *l, const char *path)
{
	struct usage_journal t;
	size_t n;

	if (usage_journal_open(&t, path) != USAGE_JOURNAL_OPEN)
		return;
	n = usage_journal_begin(&t, rows);
	if (chance(3))
		write_down(l, &t, n);
	else
		n = 0;
	if (n && chance(3))
		usage_journal_settle(&t);
	usage_journal_close(&t);
}

static unsigned
one_life(const struct usage_journal *t, struct score *scores, struct ledger *l,
    bool is_last)
{
	pid_t writers[WRITERS];
	unsigned killed = 0;
	int status = 0;

	for (size_t i = 0; i < WRITERS; i++) {
		writers[i] = fork();
		if (writers[i] == 0)
			write_on(&t->slots[i], &scores[i]);
		seed++;
	}
	for (int i = (int)chance(40); i > 0; i--)
		flush_badly(l, t->path);
	for (size_t i = 0; i < WRITERS; i++) {
		if (!is_last)
			kill(writers[i], SIGKILL);
		while (waitpid(writers[i], &status, WNOHANG) == 0)
			flush_badly(l, t->path);
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
	struct usage_journal t;
	uint64_t begun = 0, done = 0;
	unsigned killed = 0;

	seed = (unsigned)getpid();
	printf("# seed %u\n", seed);
	ok(usage_journal_create(&t, stem, WRITERS), "a tally of %d writers",
	    WRITERS);
	for (int i = 1; i <= LIVES; i++)
		killed += one_life(&t, scores, &l, i == LIVES);
	flush(&l, &t);
	for (size_t i = 0; i < WRITERS; i++) {
		begun += scores[i].begun;
		done += scores[i].done;
	}
	ok(killed > 0, "%u writers were killed, and the flusher often", killed);
	is_int((long long)begun, (long long)WRITERS * NOTES, "all went on");
	ok(begun - done <= killed, "each death cuts off a note at most");
	ok(total(&l) >= done && total(&l) <= begun,
	    "every note is written down once: %llu of %llu begun, %llu done",
	    (unsigned long long)total(&l), (unsigned long long)begun,
	    (unsigned long long)done);
	ok(is_even(&l), "... all of it");
	usage_journal_remove(&t);
	ok(access(t.path, F_OK) < 0, "and nothing is left");
	usage_journal_close(&t);
	munmap(scores, WRITERS * sizeof(*scores));
}

int
main(void)
{
	snprintf(stem, sizeof(stem), "/tmp/io7-tally-%d", (int)getpid());
	test_once();
	test_cut_off();
	test_reuse();
	test_growth();
	test_holders();
	test_deaths();
	return tap_done();
}
