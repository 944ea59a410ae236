/*
 * Without memory a start-up ends and a request answers an error.
 */
#include "fcgi/http/req.h"
#include "fcgi/options.h"
#include "lib/net/chat.h"
#include "t/unit/tap.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CEILING = 1 << 20 };

static struct arena *mem;

/* Makes every allocation fail, from the heap and from the kernel. */
static void
exhaust_memory(void)
{
	struct rlimit limit = { 0, 0 };

	setrlimit(RLIMIT_AS, &limit);
	for (size_t size = 1 << 20; size >= 16;) {
		void **block = malloc(size);

		if (!block)
			size /= 2;
	}
}

/* The exit code of a child that runs this. */
static int
exit_of(int (*run)(void))
{
	int status = 0;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0)
		_exit(run());
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int
run_new(void)
{
	exhaust_memory();
	return arena_new(CEILING) == NULL;
}

static int
run_must_new(void)
{
	exhaust_memory();
	arena_must_new(CEILING);
	return 0;
}

static int
run_scratch(void)
{
	struct options opts = { .request_memory = CEILING };
	struct service service = { .opts = &opts };
	struct req r = { .mem = mem, .service = &service };
	struct arena *scratch = mem;
	enum err e;

	exhaust_memory();
	e = req_scratch(&r, &scratch);
	return e == E_UNAVAILABLE && r.fault.err == e && !scratch;
}

static int
run_chat(void)
{
	struct chat question = { .url = "http://127.0.0.1:1", .tokens_max = 1 };
	struct chat_answer answer;

	exhaust_memory();
	return chat(mem, &question, &answer) == E_UNAVAILABLE &&
	    answer.sentence && answer.text.n == 0;
}

int
main(void)
{
#ifdef __SANITIZE_ADDRESS__
	printf("1..0 # SKIP an address sanitizer ends the process itself\n");
	return EXIT_SUCCESS;
#endif
	mem = arena_must_new(CEILING);
	is_int(exit_of(run_new), 1, "arena_new() returns NULL");
	is_int(exit_of(run_must_new), EXIT_FAILURE,
	    "arena_must_new() ends the process");
	is_int(exit_of(run_scratch), 1, "req_scratch() answers E_UNAVAILABLE");
	is_int(exit_of(run_chat), 1, "chat() answers E_UNAVAILABLE");
	arena_free(mem);
	return tap_done();
}
