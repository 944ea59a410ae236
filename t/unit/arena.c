/*
 * The arena: alignment, growth, the ceiling, and the order of releases.
 */
#include "lib/base/arena.h"
#include "t/unit/tap.h"

#include <stdalign.h>

enum { MIB = 1024 * 1024 };

static char released[8];

static void
note(void *letter)
{
	released[strlen(released)] = *(const char *)letter;
}

static void
test_memory(void)
{
	struct arena *a = arena_new(MIB);
	bool aligned = true, zeroed = true;

	for (int round = 0; round < 2; round++) {
		for (size_t n = 0; n < 200; n++) {
			char *p = arena_alloc(a, n);

			aligned &= (uintptr_t)p % alignof(max_align_t) == 0;
			for (size_t i = 0; i < n; i++)
				zeroed &= p[i] == 0;
			memset(p, 0xFF, n);
		}
		ok(arena_used(a) >= 199 * 200 / 2,
		    "arena_used() counts what was allocated");
		arena_reset(a);
		is_int((long long)arena_used(a), 0, "a reset frees all");
	}
	ok(aligned, "every size is aligned for any object");
	ok(zeroed, "memory is zeroed, also when it is reused");
	is_str(arena_copy(a, "abcdef", 3), "abc", "a copy is terminated");
	is_str(arena_copy(a, NULL, 0), "", "a copy of no bytes is empty");
	arena_free(a);
	arena_free(NULL);
}

static void
test_growth(void)
{
	struct arena *a = arena_new(64 * (size_t)MIB);
	unsigned char *p[10000];
	bool intact = true;

	for (size_t i = 0; i < ARRAY_LEN(p); i++) {
		p[i] = arena_alloc(a, 1000);
		memset(p[i], (int)(i % 251), 1000);
	}
	for (size_t i = 0; i < ARRAY_LEN(p); i++)
		intact &= p[i][0] == i % 251 && p[i][999] == i % 251;
	ok(intact, "ten thousand allocations do not overlap");
	ok(arena_alloc(a, 20 * (size_t)MIB),
	    "an allocation larger than all before");
	arena_free(a);
}

static void
test_ceiling(void)
{
	struct arena *a = arena_new(1000);

	ok(arena_alloc(a, 900), "an allocation below the ceiling succeeds");
	ok(!arena_alloc(a, 200), "an allocation past the ceiling fails");
	ok(arena_alloc(a, 50), "a smaller one that fits succeeds");
	ok(!arena_alloc(a, SIZE_MAX), "a huge size does not overflow");
	ok(!arena_copy(a, "", SIZE_MAX), "a huge copy does not overflow");
	arena_reset(a);
	ok(arena_alloc(a, 900), "a reset makes room again");
	arena_free(a);
}

static void
test_deferred(void)
{
	struct arena *a = arena_new(1000);
	char letters[] = "abcd";

	for (int i = 0; i < 3; i++)
		ok(arena_defer(a, note, &letters[i]), "registered");
	is_str(released, "", "nothing is released before the reset");
	arena_reset(a);
	is_str(released, "cba", "the newest is released first");
	arena_reset(a);
	is_str(released, "cba", "nothing is released twice");
	ok(arena_alloc(a, 990), "the arena is filled");
	ok(!arena_defer(a, note, &letters[3]),
	    "arena_defer() fails without memory");
	is_str(released, "cbad", "it then releases at once");
	arena_free(a);
	is_str(released, "cbad", "it releases once");
}

int
main(void)
{
	test_memory();
	test_growth();
	test_ceiling();
	test_deferred();
	return tap_done();
}
