/*
 * Notes: equal ones are one, nobody takes all the room, and what a writer notes
 * is read once, whatever the reader does meanwhile.
 */
#include "lib/shm/error_buffer.h"
#include "t/unit/tap.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MANY = 200000, COPIES = 2 * NOTES_EACH };

static struct note_copy copies[COPIES];

/* A note of an owner; its text says which of the owner's it is. */
static void
note(struct notes_slot *slot, unsigned owner, unsigned which, unsigned rest)
{
	struct note_text text = { 0 };

	memcpy(text.name, &owner, sizeof(owner));
	memcpy(text.name + NOTE_OWNER, &which, sizeof(which));
	memcpy(text.rest, &rest, sizeof(rest));
	notes_add(slot, &text);
}

static unsigned
rest_of(const struct note_copy *copy)
{
	unsigned rest;

	memcpy(&rest, copy->text.rest, sizeof(rest));
	return rest;
}

static void
test_folding(void)
{
	struct notes_slot *slots = notes_create();
	size_t n;

	ok(slots, "there is room for notes");
	is_int((long long)notes_read(slots, 2, copies, COPIES), 0,
	    "nothing is noted at first");
	note(&slots[0], 1, 1, 7);
	note(&slots[0], 1, 1, 8);
	note(&slots[1], 1, 1, 9);
	note(&slots[0], 2, 1, 10);
	n = notes_read(slots, 2, copies, COPIES);
	is_int((long long)n, 3, "equal notes of a process are one");
	is_int((long long)notes_read(slots, 2, copies, 2), 2,
	    "no more are read than one can take");
	is_int((long long)notes_read(slots, 1, copies, COPIES), 2,
	    "each slot has its own");
	for (size_t i = 0; i < 2; i++)
		if (copies[i].times == 2)
			is_int(rest_of(&copies[i]), 7,
			    "... which says what the first said");
	note(&slots[0], 1, 1, 11);
	notes_forget(copies, 2);
	n = notes_read(slots, 1, copies, COPIES);
	is_int((long long)n, 1, "what was read is forgotten");
	is_int((long long)copies[0].times, 1,
	    "... but for what came meanwhile");
	notes_forget(copies, n);
	note(&slots[0], 1, 1, 12);
	n = notes_read(slots, 1, copies, COPIES);
	is_int((long long)n, 1, "one that comes after that is new");
	is_int(rest_of(&copies[0]), 12, "... and speaks for itself");
	notes_close(slots);
}

static void
test_fairness(void)
{
	struct notes_slot *slots = notes_create();
	size_t n, of_last = 0;

	for (unsigned which = 0; which < NOTES_EACH; which++)
		note(slots, 1, which, 0);
	n = notes_read(slots, 1, copies, COPIES);
	is_int((long long)n, NOTES_OF_ONE, "one owner has a part of the room");
	note(slots, 2, 1, 0);
	is_int((long long)notes_read(slots, 1, copies, COPIES),
	    NOTES_OF_ONE + 1, "... and another has room");
	note(slots, 1, 0, 0);
	n = notes_read(slots, 1, copies, COPIES);
	for (size_t i = 0; i < n; i++)
		of_last += copies[i].times == 2;
	is_int((long long)of_last, 1, "what is there is counted, room or not");

	for (unsigned owner = 3; owner < 2 * NOTES_EACH; owner++)
		note(slots, owner, 1, 0);
	n = notes_read(slots, 1, copies, COPIES);
	is_int((long long)n, NOTES_EACH, "all the room may be taken");
	notes_forget(copies, n);
	note(slots, 1, 1, 0);
	is_int((long long)notes_read(slots, 1, copies, COPIES), 1,
	    "... until it is read");
	notes_close(slots);
}

static size_t
read_all(struct notes_slot *slots, bool *is_odd)
{
	size_t n = notes_read(slots, 1, copies, COPIES), times = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned which;

		memcpy(&which, copies[i].text.name + NOTE_OWNER, sizeof(which));
		*is_odd = *is_odd || rest_of(&copies[i]) != which;
		times += copies[i].times;
	}
	notes_forget(copies, n);
	return times;
}

static void
test_together(void)
{
	struct notes_slot *slots = notes_create();
	size_t times = 0;
	bool is_odd = false;
	pid_t pid = fork();

	if (pid == 0) {
		for (unsigned i = 0; i < MANY; i++)
			note(slots, 1, i % NOTES_OF_ONE, i % NOTES_OF_ONE);
		_exit(0);
	}
	while (waitpid(pid, NULL, WNOHANG) == 0)
		times += read_all(slots, &is_odd);
	times += read_all(slots, &is_odd);
	is_int((long long)times, MANY, "all that is noted is read, and once");
	ok(!is_odd, "... as it was said");
	notes_close(slots);
}

static void
test_death(void)
{
	struct notes_slot *slots = notes_create();
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
	notes_close(slots);
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
