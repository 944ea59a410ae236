/*
 * Equal errors are counted, one owner cannot fill a slot, and each error is read
 * exactly once while writer and reader run at the same time.
 */
#include "lib/shm/error_buffer.h"
#include "t/unit/tap.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MANY = 200000, READINGS = 2 * ERROR_BUFFER_ENTRIES };

static struct error_reading readings[READINGS];

static void
add(struct error_buffer_slot *slot, unsigned owner, unsigned which,
    unsigned detail)
{
	struct error_record record = { 0 };

	memcpy(record.key, &owner, sizeof(owner));
	memcpy(record.key + ERROR_OWNER, &which, sizeof(which));
	memcpy(record.detail, &detail, sizeof(detail));
	error_buffer_add(slot, &record);
}

static unsigned
detail_of(const struct error_reading *reading)
{
	unsigned detail;

	memcpy(&detail, reading->record.detail, sizeof(detail));
	return detail;
}

static void
test_folding(void)
{
	struct error_buffer_slot *slots = error_buffer_create();
	size_t n;

	ok(slots, "create a buffer");
	is_int((long long)error_buffer_read(slots, 2, readings, READINGS), 0,
	    "a new buffer is empty");
	add(&slots[0], 1, 1, 7);
	add(&slots[0], 1, 1, 8);
	add(&slots[1], 1, 1, 9);
	add(&slots[0], 2, 1, 10);
	n = error_buffer_read(slots, 2, readings, READINGS);
	is_int((long long)n, 3, "equal errors of a process are one entry");
	is_int((long long)error_buffer_read(slots, 2, readings, 2), 2,
	    "no more than max entries are read");
	is_int((long long)error_buffer_read(slots, 1, readings, READINGS), 2,
	    "each slot has its own entries");
	for (size_t i = 0; i < 2; i++)
		if (readings[i].count == 2)
			is_int(detail_of(&readings[i]), 7,
			    "the detail is that of the first error");
	add(&slots[0], 1, 1, 11);
	error_buffer_drop(readings, 2);
	n = error_buffer_read(slots, 1, readings, READINGS);
	is_int((long long)n, 1, "dropped entries are not read again");
	is_int((long long)readings[0].count, 1,
	    "an error added since the reading is kept");
	error_buffer_drop(readings, n);
	add(&slots[0], 1, 1, 12);
	n = error_buffer_read(slots, 1, readings, READINGS);
	is_int((long long)n, 1, "an error added after the drop is a new entry");
	is_int(detail_of(&readings[0]), 12, "it has its own detail");
	error_buffer_close(slots);
}

static void
test_fairness(void)
{
	struct error_buffer_slot *slots = error_buffer_create();
	size_t n, of_last = 0;

	for (unsigned which = 0; which < ERROR_BUFFER_ENTRIES; which++)
		add(slots, 1, which, 0);
	n = error_buffer_read(slots, 1, readings, READINGS);
	is_int((long long)n, ERROR_BUFFER_PER_OWNER,
	    "one owner gets ERROR_BUFFER_PER_OWNER entries");
	add(slots, 2, 1, 0);
	is_int((long long)error_buffer_read(slots, 1, readings, READINGS),
	    ERROR_BUFFER_PER_OWNER + 1, "another owner still gets an entry");
	add(slots, 1, 0, 0);
	n = error_buffer_read(slots, 1, readings, READINGS);
	for (size_t i = 0; i < n; i++)
		of_last += readings[i].count == 2;
	is_int((long long)of_last, 1,
	    "an entry of a full owner is still counted");

	for (unsigned owner = 3; owner < 2 * ERROR_BUFFER_ENTRIES; owner++)
		add(slots, owner, 1, 0);
	n = error_buffer_read(slots, 1, readings, READINGS);
	is_int((long long)n, ERROR_BUFFER_ENTRIES, "many owners fill the slot");
	error_buffer_drop(readings, n);
	add(slots, 1, 1, 0);
	is_int((long long)error_buffer_read(slots, 1, readings, READINGS), 1,
	    "dropped entries are free again");
	error_buffer_close(slots);
}

static size_t
read_all(struct error_buffer_slot *slots, bool *is_torn)
{
	size_t n = error_buffer_read(slots, 1, readings, READINGS), count = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned which;

		memcpy(&which, readings[i].record.key + ERROR_OWNER,
		    sizeof(which));
		*is_torn = *is_torn || detail_of(&readings[i]) != which;
		count += readings[i].count;
	}
	error_buffer_drop(readings, n);
	return count;
}

static void
test_together(void)
{
	struct error_buffer_slot *slots = error_buffer_create();
	size_t count = 0;
	bool is_torn = false;
	pid_t pid = fork();

	if (pid == 0) {
		for (unsigned i = 0; i < MANY; i++)
			add(slots, 1, i % ERROR_BUFFER_PER_OWNER,
			    i % ERROR_BUFFER_PER_OWNER);
		_exit(0);
	}
	while (waitpid(pid, NULL, WNOHANG) == 0)
		count += read_all(slots, &is_torn);
	count += read_all(slots, &is_torn);
	is_int((long long)count, MANY, "each error is read exactly once");
	ok(!is_torn, "no record is torn");
	error_buffer_close(slots);
}

static void
test_death(void)
{
	struct error_buffer_slot *slots = error_buffer_create();
	size_t count = 0;
	bool is_torn = false;

	for (int death = 0; death < 20; death++) {
		pid_t pid = fork();

		if (pid == 0)
			for (unsigned i = 0;; i++)
				add(slots, 1 + i % 50, i % 3, i % 3);
		while (count < (size_t)(death + 1) * 100)
			count += read_all(slots, &is_torn);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		read_all(slots, &is_torn);
	}
	ok(!is_torn, "a killed writer leaves no torn record");
	add(slots, 1, 1, 1);
	is_int((long long)read_all(slots, &is_torn), 1,
	    "the slot works after its writer was killed");
	error_buffer_close(slots);
}

int
main(void)
{
	test_folding();
	test_fairness();
	test_together();
	test_death();
	return tap_done();
}
