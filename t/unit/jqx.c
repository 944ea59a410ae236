/*
 * jq in its sandbox: programs that answer, and hostile programs that are ended.
 */
#include "lib/jq/jqx.h"
#include "lib/os/clock.h"
#include "t/unit/tap.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Longer than any program here takes on a loaded machine. Under a sanitizer
 * nothing bounds memory, so programs that grow without end need the timeout.
 */
enum { PATIENCE_S = 600 };
#ifdef __SANITIZE_ADDRESS__
enum { GREEDY_S = 1 };
#else
enum { GREEDY_S = PATIENCE_S };
#endif

/* Stops at the value 1, has an output for 2, and none for 3. */
#define ENDLESS "if . == 1 then 1 else (select(. == 2), (def f: f; f)) end"

static struct jqx *jqx;
static struct arena *mem;

static struct jqx *
open_jqx(int seconds)
{
	const struct jqx_options opts = {
		.wall_ns = seconds * NS_PER_S,
		.memory = 256 << 20,
		.output = 8 << 20,
		.programs = 4,
	};

	return jqx_new(jqx_spawner(), &opts);
}

static void
close_jqx(void)
{
	jqx_free(jqx);
	ok(wait(NULL) > 0, "the spawner ends with its worker");
}

/* All outputs, one a line; or "!" and the fault. */
static const char *
run(struct str program, struct str value)
{
	enum jqx_state state;
	struct str output;
	struct buf b;
	const char *sentence;

	buf_init(&b, mem);
	jqx_begin(jqx, program, value);
	while ((state = jqx_next(jqx, &output)) < JQX_DONE) {
		struct pollfd p = jqx_poll(jqx);

		if (state == JQX_WAIT)
			poll(&p, 1, clock_ms_left(jqx_deadline(jqx)) + 1);
		else if (b.n < 1 << 20)
			buf_printf(&b, "%.*s\n", STR_ARGS(output));
	}
	if (state == JQX_FAILED) {
		enum err e = jqx_fault(jqx, &sentence);

		b.n = 0;
		buf_printf(&b, "!%s: %s", err_code(e), sentence);
	}
	jqx_end(jqx);
	buf_putc(&b, '\0');
	return b.p;
}

static const char *
run_text(const char *program, const char *value)
{
	return run(str_of(program), str_of(value));
}

/* With a sanitizer memory has no limit, so that time runs out instead. */
static bool
fails_as(const char *got, const char *code)
{
#ifdef __SANITIZE_ADDRESS__
	if (strncmp(got, "!timeout", 8) == 0)
		return true;
#endif
	return got[0] == '!' && strncmp(got + 1, code, strlen(code)) == 0;
}

static void
test_answers(void)
{
	is_str(run_text(".a", "{\"a\":1}"), "1\n", "a member");
	is_str(run_text(".[]", "[1,\"x\",null]"), "1\n\"x\"\nnull\n",
	    "three outputs");
	is_str(run_text("empty", "1"), "", "no output");
	is_str(run_text("halt", "1"), "", "halt ends the program");
	is_str(run_text("\"ok\", stderr, debug, 3", "1"), "\"ok\"\n1\n1\n3\n",
	    "debug and stderr are dropped");
	is_str(run_text("$ENV, env, $__loc__.line", "1"), "{}\n{}\n1\n",
	    "$ENV is empty");
	is_str(run_text(".", "12345678901234567890"), "12345678901234567000\n",
	    "digits beyond a double are rounded");
	is_str(run_text("[limit(3; repeat(1))] | length", "0"), "3\n",
	    "an endless generator with limit");
	is_str(run_text("now | type", "0"), "\"number\"\n", "now works");
	is_str(run_text("[range(3000)] | [., map(-.)] | map(sort | length),"
			" (.[1] | [unique, group_by(. % 10), sort_by(-.)]"
			" | map(length)),"
			" (.[0] | map({(tostring): .}) | add | keys | length)",
		   "0"),
	    "[3000,3000]\n[3000,10,3000]\n3000\n", "a large array is sorted");
}

static void
test_faults(void)
{
	static const char *const wrong[] = { "}", "nosuch",
		"import \"a\" as a; .", "include \"a\"; .",
		"import \"/etc/passwd\" as $p; $p",
		"import \"passwd\" as $p {search:\"/etc\"}; $p", ".a.b",
		"error(\"x\")", "error({})", "input_filename", "input",
		"\"x\" | halt_error", "break", "@base32d", "get_search_list",
		"1e18 | todate", ". as [$a, $b] | {} | ltrimstr(1) | .[0]" };
	const char *got;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		got = run_text(wrong[i], "[1,2]");
		ok(got[0] == '!' || strcmp(wrong[i], "get_search_list") == 0 ||
			strcmp(wrong[i], "input_filename") == 0,
		    "%s is answered", wrong[i]);
		ok(!strstr(got, "root:"), "... without reading a file");
	}
	got = run_text("a, b", "1");
	ok(strstr(got, "a/0") && strstr(got, "b/0"),
	    "all messages of the compiler are returned");
	ok(fails_as(run_text(".", "{"), "bad_request"),
	    "an invalid value is refused");
	ok(fails_as(run((struct str){ ". \0 .", 5 }, STR("1")), "bad_request"),
	    "a NUL in a program is refused");
}

static void
test_hostile(const char *program, const char *code)
{
	const char *got = run_text(program, "\"abc\"");

	if (!ok(got[0] == '!' && fails_as(got, code), "%s fails", program))
		printf("# got: %.100s\n", got);
	is_str(run_text(".", "1"), "1\n", "... and the next one runs");
}

/* Ended by an error, or by the limits of memory and output. */
static void
test_greedy(void)
{
	test_hostile("def f: 1 + f; f", "too_large");
	test_hostile("reduce range(60) as $i (\"x\"; . + .)", "too_large");
	test_hostile("[] | .[536870911] = 1", "too_large");
	test_hostile("\"x\" * 1048576 | repeat(.)", "too_large");
	test_hostile("1e18 | todate", "bad_request");
}

/* Ended by the time limit only. */
static void
test_endless(void)
{
	static const struct {
		const char *program, *code;
	} rows[] = {
		{ "def f: f; f", "timeout" },
		{ "while(true; .)|empty", "timeout" },
		{ "[range(1e9)]", "" },
		{ "reduce range(1e6) as $i (0; [.])", "" },
		{ "range(1e9)", "" },
		{ "[limit(1e7; repeat(1))] | tojson | fromjson", "" },
		{ "gsub(\"\"; \"x\")", "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		test_hostile(rows[i].program, rows[i].code);
}

static void
test_long(void)
{
	struct buf b;
	const char *got;

	buf_init(&b, mem);
	for (size_t i = 0; i < JQX_PROGRAM_MAX / 2; i++)
		buf_puts(&b, "[");
	got = run(buf_view(&b), STR("1"));
	ok(got[0] == '!', "endless brackets are refused");
	b.n = 0;
	buf_puts(&b, "1");
	for (size_t i = 0; i < JQX_PROGRAM_MAX / 2 - 2; i++)
		buf_puts(&b, "+1");
	got = run(buf_view(&b), STR("1"));
	ok(got[0] == '!' || strtoull(got, NULL, 10) == JQX_PROGRAM_MAX / 2 - 1,
	    "a long program runs");
	buf_puts(&b, "+1+1+1+1+1+1");
	ok(fails_as(run(buf_view(&b), STR("1")), "too_large"),
	    "a program that is too long is refused");
	b.n = 0;
	buf_puts(&b, "[");
	for (size_t i = 0; i < 1 << 20; i++)
		buf_puts(&b, "1,");
	buf_puts(&b, "1]");
	is_str(run(STR("length"), buf_view(&b)), "1048577\n",
	    "a value of two million bytes passes");
}

/* The shortest time of some runs, each of a program of its own if new. */
static int64_t
best_time(int runs, bool is_new)
{
	int64_t best = INT64_MAX;

	for (int i = 0; i < runs; i++) {
		int64_t began = clock_mono_ns();
		char program[32];

		snprintf(program, sizeof(program), ".a | length + %d",
		    is_new ? i + 1 : 0);
		run_text(program, "{\"a\":[1,2,3]}");
		if (clock_mono_ns() - began < best)
			best = clock_mono_ns() - began;
	}
	return best;
}

static void
test_speed(void)
{
	int64_t new_ns = best_time(10, true), known_ns = best_time(50, false);

	ok(known_ns < new_ns / 2,
	    "a compiled program is reused (%lld us, a new one %lld us)",
	    (long long)(known_ns / NS_PER_US), (long long)(new_ns / NS_PER_US));
	for (int i = 0; i < 12; i++) {
		char program[16];

		snprintf(program, sizeof(program), ". + %d", i);
		ok(strtoull(run_text(program, "100"), NULL, 10) ==
			100 + (unsigned)i,
		    "program %d of more than stay compiled", i);
	}
}

/* Gives up an endless run: after its output, or when its value is sent. */
static void
give_up(bool after_output)
{
	struct str output;

	jqx_begin(jqx, STR(ENDLESS), after_output ? STR("2") : STR("3"));
	while (jqx_next(jqx, &output) != JQX_OUTPUT && after_output) {
		struct pollfd p = jqx_poll(jqx);

		poll(&p, 1, -1);
	}
	jqx_end(jqx);
}

/*
 * A run that is given up ends before its timeout, also when that happens before
 * its process has begun. Its zygote serves the next run.
 */
static void
test_giving_up(void)
{
	int64_t began = clock_mono_ns();
	int served = 0;

	is_str(run_text(ENDLESS, "1"), "1\n", "a program runs");
	give_up(true);
	is_str(run_text(ENDLESS, "1"), "1\n",
	    "... and again after a run that was given up");
	for (int i = 0; i < 50; i++) {
		give_up(false);
		served += strcmp(run_text(ENDLESS, "1"), "1\n") == 0;
	}
	ok(served == 50, "... and after runs that were given up at once (%d)",
	    served);
	ok(clock_mono_ns() - began < PATIENCE_S / 2 * NS_PER_S,
	    "... without waiting for the timeout (%lld us)",
	    (long long)((clock_mono_ns() - began) / NS_PER_US));
}

int
main(int argc, char **argv)
{
	(void)argc;
	if (strcmp(argv[0], JQX_ZYGOTE) == 0)
		jqx_zygote();
	signal(SIGPIPE, SIG_IGN);
	mem = arena_new(256 << 20);
	jqx = open_jqx(PATIENCE_S);
	test_answers();
	test_faults();
	test_long();
	test_speed();
	test_giving_up();
	close_jqx();
	jqx = open_jqx(GREEDY_S);
	test_greedy();
	close_jqx();
	jqx = open_jqx(1);
	test_endless();
	close_jqx();
	arena_free(mem);
	return tap_done();
}
