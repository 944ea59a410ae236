/*
 * Notes: equal ones are one, nobody takes all the room, and what a writer notes
 * is read once, whatever the reader does meanwhile.
 */
#include "lib/shm/error_buffer.h"
#include "t/unit/tap.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MANY = 200000, COPIES = 2 * ERROR_BUFFER_ENTRIES };

static struct error_entry_copy copies[COPIES];

/* A note of an owner; its text says which of the owner's it is. */
static void
note(struct error_buffer_slot *slot, unsigned owner, unsigned which,
    unsigned rest)
{
	struct error_entry_text text = { 0 };

	memcpy(text.name, &owner, sizeof(owner));
	memcpy(text.name + ERROR_ENTRY_OWNER, &which, sizeof(which));
	memcpy(text.rest, &rest, sizeof(rest));
	error_buffer_add(slot, &text);
}

static unsigned
rest_of(const struct error_entry_copy *copy)
{
	unsigned rest;

	memcpy(&rest, copy->text.rest, sizeof(rest));
	return rest;
}

static void
test_folding(void)
{
	struct error_buffer_slot *slots = error_buffer_create();
	size_t n;

	ok(slots, "there is room for notes");
	is_int((long long)error_buffer_read(slots, 2, copies, COPIES), 0,
	    "nothing is noted at first");
	note(&slots[0], 1, 1, 7);
	note(&slots[0], 1, 1, 8);
	note(&slots[1], 1, 1, 9);
	note(&slots[0], 2, 1, 10);
	n = error_buffer_read(slots, 2, copies, COPIES);
	is_int((long long)n, 3, "equal notes of a process are one");
	is_int((long long)error_buffer_read(slots, 2, copies, 2), 2,
	    "no more are read than one can take");
	is_int((long long)error_buffer_read(slots, 1, copies, COPIES), 2,
	    "each slot has its own");
	for (size_t i = 0; i < 2; i++)
		if (copies[i].times == 2)
			is_int(rest_of(&copies[i]), 7,
			    "... which says what the first said");
	note(&slots[0], 1, 1, 11);
	error_buffer_forget(copies, 2);
	n = error_buffer_read(slots, 1, copies, COPIES);
	is_int((long long)n, 1, "what was read is forgotten");
	is_int((long long)copies[0].times, 1,
	    "... but for what came meanwhile");
	error_buffer_forget(copies, n);
	note(&slots[0], 1, 1, 12);
	n = error_buffer_read(slots, 1, copies, COPIES);
	is_int((long long)n, 1, "one that comes after that is new");
	is_int(rest_of(&copies[0]), 12, "... and speaks for itself");
	error_buffer_close(slots);
}

static void
test_fairness(void)
{
	struct error_buffer_slot *slots = error_buffer_create();
	size_t n, of_last = 0;

	for (unsigned which = 0; which < ERROR_BUFFER_ENTRIES; which++)
		note(slots, 1, which, 0);
	n = error_buffer_read(slots, 1, copies, COPIES);
	is_int((long long)n, ERROR_BUFFER_PER_OWNER,
	    "one owner has a part of the room");
	note(slots, 2, 1, 0);
	is_int((long long)error_buffer_read(slots, 1, copies, COPIES),
	    ERROR_BUFFER_PER_OWNER + 1, "... and another has room");
	note(slots, 1, 0, 0);
	n = error_buffer_read(slots, 1, copies, COPIES);
	for (size_t i = 0; i < n; i++)
		of_last += copies[i].times == 2;
	is_int((long long)of_last, 1, "what is there is counted, room or not");

	for (unsigned owner = 3; owner < 2 * ERROR_BUFFER_ENTRIES; owner++)
		note(slots, owner, 1, 0);
	n = error_buffer_read(slots, 1, copies, COPIES);
	is_int((long long)n, ERROR_BUFFER_ENTRIES, "all the room may be taken");
	error_buffer_forget(copies, n);
	note(slots, 1, 1, 0);
	is_int((long long)error_buffer_read(slots, 1, copies, COPIES), 1,
	    "... until it is read");
	error_buffer_close(slots);
}

static size_t
read_all(struct error_buffer_slot *slots, bool *is_odd)
{
	size_t n = error_buffer_read(slots, 1, copies, COPIES), times = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned which;

		memcpy(&which, copies[i].text.name + ERROR_ENTRY_OWNER,
		    sizeof(which));
		*is_odd = *is_odd || rest_of(&copies[i]) != which;
		times += copies[i].times;
	}
	error_buffer_forget(copies, n);
	return times;
}

static void
test_together(void)
{
	struct error_buffer_slot *slots = error_buffer_create();
	size_t times = 0;
	bool is_odd = false;
	pid_t pid = fork();

	if (pid == 0) {
		for (unsigned i = 0; i < MANY; i++)
			note(slots, 1, i % ERROR_BUFFER_PER_OWNER,
			    i % ERROR_BUFFER_PER_OWNER);
		_exit(0);
	}
	while (waitpid(pid, NULL, WNOHANG) == 0)
		times += read_all(slots, &is_odd);
	times += read_all(slots, &is_odd);
	is_int((long long)times, MANY, "all that is noted is read, and once");
	ok(!is_odd, "... as it was said");
	error_buffer_close(slots);
}

static void
test_death(void)
{
	struct error_buffer_slot *slots = error_buffer_create();
	size_t times = 0;
	bool is_odd = false;

	for (int death = 0; death < 20; death++) {
		pid_t pid = fork();

		if (pid == 0)
			for (unsigned i = 0;; i++)
				note(slots, 1 + i % 50, i % 3, i % 3);
		while (times < (size_t)(death + 1) * 100)
			times += read_all(slots, &is_odd);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		read_all(slots, &is_odd);
	}
	ok(!is_odd, "whoever is killed leaves no half of a note");
	note(slots, 1, 1, 1);
	is_int((long long)read_all(slots, &is_odd), 1,
	    "... nor takes its room");
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
